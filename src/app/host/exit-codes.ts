import { type ErrorCode, errors } from '../../domain/errors/errors.ts';
import type { ErrorSpec } from '../../domain/errors/spec.ts';

/** Exit codes that are no errors of the closed list. */
const outcomes: Readonly<Record<number, string>> = {
  0: 'done; a service was told to stop and drained; `parity`: the gate passed; `verify`: every bar agrees; `doctor`: nothing to do',
  1: 'the Node that runs `bin/pulse` is too old, and the one that Pulse brings along is not installed',
  2: '`parity`, `reconcile`: below the threshold; `verify`: bars differ, or too many ticks were rejected',
  3: '`parity`: too few sessions; `parity`, `reconcile`: too few bars to conclude anything',
  4: '`parity`, `reconcile`: a side is missing',
  5: '`doctor`: something needs to be done',
  65: '`enrich-file`: not one tick could be used',
  130: 'stopped at once by a second signal, without draining; `enrich-file`: stopped by a signal before the end',
};

const meanings: Readonly<Record<number, string>> = {
  64: 'the command line or the configuration is wrong',
  65: 'what was given to read is damaged, or not in a form that Pulse knows',
  66: 'what was asked for is not there: a file to read, an analysis',
  69: 'an engine, or a running `pulse up`, does not answer',
  70: 'a defect in Pulse',
  73: 'something that Pulse needs for itself is taken or cannot be made: the port, the data directory',
  75: 'a service did not drain in time',
  77: 'an engine refused: credentials or permissions',
};

/**
 * Errors that can end a service, or keep it from starting, and why each is for whoever runs Pulse to mend. None of them can be brought about by
 * what a publisher sends: payloads, names of channels and symbols, their sizes and numbers, entries of streams, types of keys.
 */
const endsServices = {
  'config.invalid': 'a setting is wrong; told at the start',
  'config.unknown': 'a setting is wrong; told at the start',
  'config.file': 'the configuration file is wrong; told at the start',
  'config.missing': 'a setting is missing; told at the start',
  'config.conflict': 'two settings conflict; told at the start',
  'usage.invalid': 'the command line is wrong; told at the start',
  'indicators.file': 'a file that a setting names is wrong; told at the start',
  'model.unknown': 'a setting names a model that no setting describes; told at the start',
  'feed.symbol.unknown': 'a setting of the feed names a symbol that it does not know; told at the start',
  'feed.speed': 'the command line of the feed is wrong; told at the start',
  'feed.shift': 'the command line of the feed is wrong; told at the start',
  'feed.file.unreadable': 'the file to replay was given on the command line',
  'feed.file.format': 'the file to replay was given on the command line',
  'feed.file.columns': 'the file to replay was given on the command line',
  'feed.file.damaged': 'the file to replay was given on the command line',
  'feed.file.no-ticks': 'the file to replay was given on the command line',
  'host.port-in-use': 'another process listens on the port; told at the start',
  'host.address': "the address to listen on is not this machine's; told at the start",
  'host.data-dir': 'the data directory cannot be used; told at the start',
  'host.demo': 'an engine of this machine failed at the first start, before anything but the made-up market was there',
  'host.data-dir.in-use': 'another process has the data directory; told at the start',
  'spool.locked': 'another process has the spool; told at the start',
  'host.drain': 'the service was told to stop; what it could not finish is on disk or comes again',
  'host.unexpected': 'a defect: report it with the lines before it',
  'file.unwritable': 'a file that the command line names cannot be written',
  'log.refused':
    'the login, an ACL for the cluster or for a group, or a setting of the broker that concerns every record',
  'log.topic.needed':
    "the log does not take a topic of Pulse's own (`ticks.rejected`, `mirror.gaps`, `overseer-events`), which no publisher names: an ACL, a policy or a limit of the broker",
  'redis.refused': 'the password, or an ACL',
  'database.refused': 'the login, or the name of the database',
  'database.newer': 'a later Pulse has used the database',
  'model.refused': 'the key for a model; told at the start of who needs it, else to the caller',
  'embedder.refused': 'the key for an embedder; told at the start of who needs it, else to the caller',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** Errors that end other commands than services, which were asked for by the person who reads them. */
const endsCommands: ReadonlySet<ErrorCode> = new Set([
  'host.not-running',
  'host.not-ready',
  'dlq.place.unknown',
  'dlq.letter.unknown',
  'dlq.no-origin',
  'parity.session.date',
  'parity.session.closed',
  'parity.session.open',
  'parity.bars.unreadable',
  'parity.reference.unreadable',
  'parity.reference',
  'parity.reference.symbols',
  'parity.no-bars',
  'parity.promote.refused',
  'analysis.none',
  'enrich-file.format',
  'symbol.unknown',
  'guidance.none',
  'guidance.payloads',
  'document.none',
  'document.too-large',
  'document.empty',
  'document.unreadable',
  'document.id',
  'document.file',
  'mcp2.refused',
]);

/** Why a service ends with an error, for `docs/exit-codes.md`. */
export const serviceExits = (): { error: string; code: number; why: string }[] =>
  Object.entries(endsServices).map(([error, why]) => ({ error, why, code: errors[error as ErrorCode].exit ?? 70 }));

/** Errors with an exit code of which nobody has said yet whether they can end a service. */
// for-tests: every error must stand in one of the two lists
export const unexplainedExits = (): string[] =>
  Object.entries(errors as Readonly<Record<string, ErrorSpec>>)
    .filter(([name, { retry, exit }]) => !retry && exit !== null && !(name in endsServices))
    .map(([name]) => name)
    .filter((name) => !endsCommands.has(name as ErrorCode));

export const EXIT_DOCTOR_FINDINGS = 5;
export const EXIT_STOPPED = 130;
export const EXIT_NOTHING_USABLE = 65;

export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
  /** The errors that end a process with it. */
  readonly errors: readonly string[];
}

/** Every exit code of `pulse`, in order. */
export function exitCodes(): ExitCode[] {
  const byCode = new Map<number, string[]>();
  for (const [name, spec] of Object.entries(errors as Readonly<Record<string, ErrorSpec>>)) {
    if (spec.exit !== null) byCode.set(spec.exit, [...(byCode.get(spec.exit) ?? []), name]);
  }
  const codes = new Set([...Object.keys(outcomes).map(Number), 70, ...byCode.keys()]);
  return [...codes]
    .sort((a, b) => a - b)
    .map((code) => ({
      code,
      meaning: [outcomes[code], meanings[code]].filter(Boolean).join('; '),
      errors: byCode.get(code) ?? [],
    }));
}
