import { priceText } from '../../domain/instrument/price-text.ts';
import { shownSteps } from '../../domain/instrument/shown-steps.ts';
import type { Gate } from '../../domain/parity/gate.ts';
import type { SideBar } from '../../domain/parity/parity-bar.ts';
import type { BarSource } from '../../services/reconcile/bar-source.ts';
import type { GateReading } from '../../services/reconcile/gate-reading.ts';
import type { NewestBar } from '../../services/reconcile/newest-bars.ts';
import type { Running } from '../../services/reconcile/watch.ts';
import { table } from '../../text/table.ts';
import type { Instruments } from '../config/instruments.ts';
import type { ServiceReport } from '../host/supervisor.ts';

/** What the bottom of the terminal shows. */
export interface UpStatus {
  readonly version: string;
  readonly address: string;
  /** Of mcp2. */
  readonly mcp2: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly reports: Readonly<Record<string, ServiceReport>>;
  /** Ticks a second by service, over the last seconds. */
  readonly rates: Readonly<Record<string, number>>;
  /** From the source that readers of bars use. */
  readonly bars: readonly NewestBar[];
  readonly source: BarSource;
  readonly instruments: Instruments;
  readonly running: ReadonlyMap<string, Running>;
  readonly gate: GateReading | null;
  /** Gaps of the mirror that are open by its topic, of earlier runs too; null while that was not read. */
  readonly openGaps: number | null;
  readonly colour: boolean;
}

const MOST_SYMBOLS = 8;

export function statusLines(status: UpStatus): string[] {
  const { bars, reports, colour } = status;
  const dim = (text: string): string => (colour ? `\x1b[2m${text}\x1b[0m` : text);
  const unready = Object.entries(reports).filter(([, report]) => !report.ready);
  return [
    dim('─'.repeat(72)),
    ...barLines(status),
    ...(bars.length > MOST_SYMBOLS ? [`and ${bars.length - MOST_SYMBOLS} symbols more`] : []),
    flowLine(status),
    ...parityLines(status),
    ...unready.map(([name, { state, detail }]) => `${name}: ${state}, ${detail}`),
    dim(`API  ${status.mcp2}/docs /search_docs /bars  AI clients: /mcp`),
    dim(
      `Pulse ${status.version}  ${status.address}/health /ready /metrics /parity  ${time(status.now)} UTC  Ctrl-C stops`,
    ),
  ];
}

const time = (ts: number): string => new Date(ts).toISOString().slice(11, 19);

/** The minute, and its day unless that is today's (UTC). */
function barTime(start: number, now: number): string {
  const [bar, today] = [new Date(start).toISOString(), new Date(now).toISOString()];
  return bar.slice(0, 10) === today.slice(0, 10) ? bar.slice(11, 16) : bar.slice(0, 16).replace('T', ' ');
}

function barLines(status: UpStatus): string[] {
  const { bars, source, running, instruments } = status;
  if (bars.length === 0) return ['no bar yet: the first one closes at the end of this minute'];
  const rows = bars.slice(0, MOST_SYMBOLS).map(({ symbol, bar: b, other }) => {
    const now = running.get(symbol);
    const parity = now === undefined || now.expected === 0 ? '–' : `${now.agreeing} of ${now.expected}`;
    const { priceIncrement } = instruments(symbol, shownSteps([b]));
    return [
      symbol,
      barTime(b.start, status.now),
      ...[b.open, b.high, b.low, b.close].map((price) => priceText(price, priceIncrement)),
      b.volume,
      b.n ?? 0,
      agrees(b, other),
      parity,
    ];
  });
  const heads = [
    'symbol',
    `bar (${source})`,
    'open',
    'high',
    'low',
    'close',
    'volume',
    'ticks',
    'both paths',
    'this session',
  ];
  return table(heads, rows).trimEnd().split('\n');
}

function agrees(bar: SideBar, other: SideBar | null): string {
  if (other === null) return 'waiting';
  return other.digest === bar.digest && other.close === bar.close && other.n === bar.n ? 'agree' : 'DIFFER';
}

function flowLine({ reports, rates, openGaps }: UpStatus): string {
  const figure = (service: string, name: string): string => String(reports[service]?.figures[name] ?? '–');
  const rate = (service: string): string => `${Math.round(rates[service] ?? 0)}/s`;
  return [
    `feed ${rate('feed')}`,
    `mirror ${rate('mirror')}, ${figure('mirror', 'waiting')} waiting, ${openGaps ?? '–'} open gaps`,
    `candidate ${rate('bars-candidate')}, ${figure('bars-candidate', 'open')} open, lag ${figure('bars-candidate', 'lag')}`,
    `incumbent ${rate('bars-incumbent')}, ${figure('bars-incumbent', 'open')} open`,
  ].join('  ·  ');
}

function parityLines({ gate }: UpStatus): string[] {
  if (gate === null) return ['gate: not read yet'];
  const demo = gate.demo === null ? [] : [`demo, which never counts: ${gateText(gate.demo)}`];
  return [`gate: ${gateText(gate.gate)}`, ...demo];
}

function gateText(gate: Gate): string {
  if (gate.symbols.length === 0) return 'no session has been reconciled yet';
  const least = gate.symbols.reduce((a, b) => ((a.parity ?? 100) <= (b.parity ?? 100) ? a : b));
  const runs = gate.symbols.map(
    ({ symbol, run, needed, broken }) =>
      `${symbol} ${run}/${needed}${broken === null ? '' : ` (${broken.session} ${broken.why})`}`,
  );
  return `${gate.state}; parity of the run ${least.parity === null ? '–' : `${least.parity} %`}; ${runs.slice(0, MOST_SYMBOLS).join(', ')}`;
}
