import { PulseError } from '../../domain/errors/errors.ts';
import { activeBars } from '../../services/reconcile/active-bars.ts';
import type { BarSource } from '../../services/reconcile/bar-source.ts';
import { type GateReading, readGate } from '../../services/reconcile/gate-reading.ts';
import { type NewestBar, newestBars } from '../../services/reconcile/newest-bars.ts';
import type { ParityWatch } from '../../services/reconcile/watch.ts';
import { openLedger } from '../beside-up/ledger-access.ts';
import { instrumentsOf } from '../config/instruments.ts';
import type { Runtime } from '../host/runtime.ts';
import type { ServiceReport } from '../host/supervisor.ts';
import { gateRules, openSides } from '../wiring/reconcile.ts';
import { openGapsOf } from './open-gaps.ts';
import { statusLines } from './status-lines.ts';

const EVERY_MS = 1_000;
/** Reading the ledger costs more than it changes. */
const GATE_EVERY = 15;
/** Where there is no terminal: one line a minute for the log. */
const LINE_EVERY = 60;

type Reports = Readonly<Record<string, ServiceReport>>;

/** Shows rates, bars, lag and parity at the bottom of the terminal until the process is told to stop. */
export function showStatus(
  runtime: Runtime,
  [address, mcp2]: readonly [address: string, mcp2: string],
  reports: () => Reports,
  watch: () => ParityWatch | null,
): void {
  const { clock, engines, terminal, version, signal, config } = runtime;
  const instruments = instrumentsOf(config.values);
  let bars: NewestBar[] = [];
  let source: BarSource = config.values.barSource;
  let gate: GateReading | null = null;
  let openGaps: number | null = null;
  let rounds = 0;
  let written = '';
  const before = new Map<string, { ticks: number; at: number }>();
  const round = async (): Promise<void> => {
    const now = reports();
    try {
      const sides = await openSides(engines, config.values, false);
      const active = await activeBars(sides, await engines.keys(), config.values.barSource);
      // Others may write bars too, where the engines are real: these are looked for from time to time.
      const newest = `${active.source} ${writtenBars(now)} ${Math.floor(rounds / GATE_EVERY)}`;
      if (newest !== written) bars = await newestBars(active);
      [source, written] = [active.source, newest];
      if (rounds % GATE_EVERY === 0) {
        openGaps = await openGapsOf(await engines.log());
        gate = await readGate(await openLedger(runtime), sides, gateRules(config.values), null, clock.now());
      }
    } catch (error) {
      // An engine is away: /ready and the lines below say which; what was read last stays.
      if (!(error instanceof PulseError && error.retry)) throw error;
    }
    rounds += 1;
    const lines = statusLines({
      version,
      address,
      mcp2,
      now: clock.now(),
      reports: now,
      rates: rates(now, before, clock.monotonic()),
      bars,
      source,
      instruments,
      running: watch()?.running ?? new Map(),
      gate,
      openGaps,
      colour: terminal.colour,
    });
    if (signal.aborted) terminal.status([]);
    else if (terminal.outIsTerminal) terminal.status(lines);
    else if (rounds % LINE_EVERY === 1) terminal.err(`${lines.slice(1).join('\n')}\n`);
  };
  clock.every(EVERY_MS, round, signal);
}

/** Changes when either path has written a bar. */
const writtenBars = (reports: Reports): string =>
  ['bars-candidate', 'bars-incumbent']
    .map((name) => `${reports[name]?.state} ${reports[name]?.figures.bars}`)
    .join(' ');

/** Ticks a second since the last look, smoothed over about five of them. */
function rates(
  reports: Reports,
  before: Map<string, { ticks: number; at: number }>,
  at: number,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, { figures }] of Object.entries(reports)) {
    const ticks = Number(figures.ticks ?? 0);
    const last = before.get(name);
    if (last !== undefined && at > last.at && ticks >= last.ticks)
      found[name] = ((ticks - last.ticks) * 1000) / (at - last.at);
    if (last === undefined || at - last.at > 5_000 || ticks < last.ticks) before.set(name, { ticks, at });
  }
  return found;
}
