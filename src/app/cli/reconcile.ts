import { writeFile } from 'node:fs/promises';
import { fileReason } from '../../adapters/file-reason.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { gateExitCodes } from '../../domain/parity/gate.ts';
import type { Compared } from '../../domain/parity/parity.ts';
import type { SessionReport } from '../../domain/parity/parity-report.ts';
import type { Wanted } from '../../services/reconcile/ranges.ts';
import { type Reconciled, reconcile, symbolsOf } from '../../services/reconcile/reconcile.ts';
import { reportHtml } from '../../services/reconcile/report/html.ts';
import { reportJson } from '../../services/reconcile/report/json.ts';
import { reportMarkdown } from '../../services/reconcile/report/markdown.ts';
import { reportTable } from '../../services/reconcile/report/table.ts';
import { ParityWatch } from '../../services/reconcile/watch.ts';
import { openLedger } from '../beside-up/ledger-access.ts';
import type { Config } from '../config/config.ts';
import type { Values } from '../config/settings.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Terminal } from '../host/terminal.ts';
import { madeUpSessions } from '../wiring/made-up.ts';
import { openSides, reconcileRules } from '../wiring/reconcile.ts';
import type { Command } from './command.ts';

export const reconcileCommand: Command<'reconcile'> = {
  name: 'reconcile',
  summary: 'compare the bars of both sides, and write the parity ledger',
  details: `Whole sessions that are settled (no bar of them can change any more) go into the ledger, and \`pulse parity\` reads the state of
the gate from it. A session under way is compared but not recorded, and so is a run with a tolerance of its own. With --noise the incumbent is
compared with a second incumbent (\`pulse bars --source redis --noise\`); their differences are the noise floor.
Exit code 0: every bar agrees within the threshold; 2: below it; 3: too few bars in a session to conclude anything; 4: a side is missing.

Without a session or an interval, the newest WINDOW_BARS bars are compared; with --all, every session of which either side holds bars.

Examples:
  pulse reconcile --symbol EURUSD --session 2026-07-01
  pulse reconcile --all --format html --output parity.html
  pulse reconcile --symbol EURUSD --from 2026-07-01T09:00Z --to 2026-07-01T10:00Z
  pulse reconcile --watch "5 17 * * *"`,
  async run(runtime) {
    if (runtime.config.values.watch !== null)
      return runtime.serve([{ name: 'reconcile', make: () => makeWatch(runtime, runtime.config.values.watch!) }], {
        servers: ['redis', 'kafka'],
      });
    return reconcileOnce(runtime);
  },
};

/** The service that reconciles what has ended. */
export async function makeWatch(runtime: Runtime, schedule: string): Promise<ParityWatch> {
  const { config, engines, clock, metrics, journals } = runtime;
  const keys = await engines.keys();
  return new ParityWatch(
    {
      sides: await openSides(engines, config.values, false),
      ledger: await openLedger(runtime),
      clock,
      metrics,
      journal: journals.of('reconcile'),
      madeUp: () => madeUpSessions(keys),
    },
    { ...reconcileRules(config.values), schedule },
  );
}

async function reconcileOnce(runtime: Runtime): Promise<number> {
  const { config, engines, clock, terminal } = runtime;
  const { values } = config;
  const sides = await openSides(engines, values, values.noise);
  const symbols = values.symbol === null ? await symbolsOf(sides) : [values.symbol];
  const compared: Compared[] = [];
  for (const symbol of symbols) {
    const found = await reconcile(sides, symbol, wantedOf(config), reconcileRules(values, values.noise), clock.now());
    warn(terminal, symbol, found);
    compared.push(...found.compared);
  }
  if (values.noise && (await sides.candidate.symbols()).length === 0)
    terminal.err(
      'pulse: there is no second incumbent to compare with; run `pulse bars --source redis --noise`, or `pulse up --noise`\n',
    );
  if (compared.length === 0) throw new PulseError('parity.no-bars', { symbol: values.symbol ?? 'any symbol' });
  await record(
    runtime,
    compared.map(({ report }) => report),
  );
  await print(render(compared, values, terminal), values, terminal);
  return exitOf(compared.map(({ report }) => report));
}

function wantedOf({ values, isSet }: Config): Wanted {
  const { session, from, to, all, windowBars } = values;
  if (session !== null) return { session };
  if (from !== null && to !== null) return { from, to };
  if (all && !isSet('windowBars')) return { every: 'session' };
  return { newest: windowBars };
}

/** Lines about bars that cannot be read, a side. */
const MOST_UNREADABLE = 50;

function warn(terminal: Terminal, symbol: string, { unreadable }: Reconciled): void {
  for (const [side, bars] of Object.entries(unreadable)) {
    if (bars.length === 0) continue;
    const lines = bars.slice(0, MOST_UNREADABLE).map(({ place, code, reason }) => `${place}: ${code}: ${reason}`);
    if (bars.length > lines.length) lines.push(`and ${bars.length - lines.length} more`);
    lines.unshift(
      `${bars.length} bars of ${symbol} on the ${side}'s side cannot be read; where the other side has a bar, they count as bars that differ:`,
    );
    terminal.err(lines.map((line) => `pulse: ${line}\n`).join(''));
  }
}

async function record(runtime: Runtime, reports: readonly SessionReport[]): Promise<void> {
  const { config, clock, engines, terminal } = runtime;
  const whole = reports.filter((report) => report.whole);
  if (whole.length === 0) {
    if (config.values.session !== null)
      terminal.err('pulse: the session is not recorded: not all of it has ended and is settled\n');
    return;
  }
  const own = tolerances.filter((key) => config.origin(key) === 'command line');
  if (own.length > 0) {
    terminal.err(
      'pulse: nothing is recorded: the tolerance is from the command line; the gate counts what PULSE_INSTRUMENTS, PIP_SIZE, TOL_PRICE_TICKS and TOL_VOLUME or pulse.config.json say\n',
    );
    return;
  }
  const [ledger, isMadeUp] = [await openLedger(runtime), await madeUpSessions(await engines.keys())];
  const kind = config.values.noise ? 'noise' : 'parity';
  for (const report of whole)
    if (!(await ledger.record(report, { at: clock.now(), demo: isMadeUp(report), kind })))
      terminal.err(
        `pulse: ${report.symbol} ${report.session} is not recorded: a side has fewer bars of it than when it was recorded before, so it was trimmed since, and the record knows more\n`,
      );
}

const tolerances = ['instruments', 'pipSize', 'tolPriceTicks', 'tolVolume'] as const;

function render(compared: readonly Compared[], { format, noise }: Values, { colour, columns }: Terminal): string {
  const reports = compared.map(({ report }) => report);
  if (format === 'json') return reportJson(reports);
  if (format === 'markdown') return reportMarkdown(reports);
  if (format === 'html')
    return reportHtml(compared, {
      title: noise ? 'Pulse noise floor' : 'Pulse parity',
      generatedFrom: noise ? 'incumbent and a second incumbent' : 'incumbent and candidate',
    });
  return reportTable(reports, { colour, columns });
}

const NO_FOLDER = { ENOENT: 'there is no such folder' };

async function print(text: string, { output }: Values, terminal: Terminal): Promise<void> {
  if (output === null) return terminal.out(text.endsWith('\n') ? text : `${text}\n`);
  try {
    await writeFile(output, text);
  } catch (cause) {
    throw new PulseError('file.unwritable', { path: output, reason: fileReason(cause, NO_FOLDER) }, { cause });
  }
  terminal.err(`wrote ${output}\n`);
}

function exitOf(reports: readonly SessionReport[]): number {
  const has = (verdict: SessionReport['verdict']): boolean => reports.some((report) => report.verdict === verdict);
  if (has('side missing') || reports.every(({ verdict }) => verdict === 'no ticks'))
    return gateExitCodes['side missing'];
  if (has('below threshold')) return gateExitCodes['below threshold'];
  return gateExitCodes[has('too little evidence') ? 'too little evidence' : 'passed'];
}
