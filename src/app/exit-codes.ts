import type { ErrorSpec } from '../domain/errors/spec.ts';
import { errors } from '../domain/errors.ts';

/** Exit codes that are no errors of the closed list. */
const outcomes: Readonly<Record<number, string>> = {
  0: 'done; a service was told to stop and drained; `parity`: the gate passed; `verify`: every bar agrees; `doctor`: nothing to do',
  1: 'the Node that runs `bin/pulse` is too old, and the one that Pulse brings along is not installed',
  2: '`parity`, `reconcile`: below the threshold; `verify`: bars differ',
  3: '`parity`: too few sessions',
  4: '`parity`, `reconcile`: a side is missing',
  5: '`doctor`: something needs to be done',
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

export const EXIT_DOCTOR_FINDINGS = 5;
export const EXIT_STOPPED = 130;

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
