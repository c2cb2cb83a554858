import type { Evidence, Fault, StreamBar } from './evidence.ts';
import { newestGaps, tells } from './gap-records.ts';
import type { KafkaRecord } from './kafka-reader.ts';
import { type MinuteBar, minuteOf, minutesOf, volumeUnits } from './minute-bars.ts';
import type { TickVerdict } from './tick-verdict.ts';

export interface BarVerdict {
  readonly faults: Fault[];
  readonly compared: number;
  readonly differences: number;
  /** Bars of the incumbent that lie in a gap of its own, or hold ticks of which it is unsure whether they were published. */
  readonly leftOut: number;
}

/** A bar as one side wrote it. */
interface WrittenBar extends MinuteBar {
  readonly symbol: string;
  /** Where the ticks end that it was built from; -1 where it does not say. */
  readonly place: number;
  readonly rev: number;
}

/** Holds the bars of both sides against bars computed from what is in Kafka. */
export function judgeBars(evidence: Evidence, ticks: TickVerdict): BarVerdict {
  const all: BarVerdict = { faults: [], compared: 0, differences: 0, leftOut: 0 };
  const expected = new Map(
    [...ticks.kept].map(([symbol, records]) => [symbol, minutesOf(records.map(({ value }) => value ?? ''))]),
  );
  const results: BarVerdict[] = [all];
  if (evidence.bars !== null) results.push(compare('candidate', expected, settled(evidence.bars.flatMap(fromRecord))));
  if (evidence.incumbentBars !== null) results.push(judgeIncumbent(evidence, evidence.incumbentBars, ticks, expected));
  return {
    faults: results.flatMap(({ faults }) => faults),
    compared: sum(results, 'compared'),
    differences: sum(results, 'differences'),
    leftOut: sum(results, 'leftOut'),
  };
}

/** The incumbent receives by itself: its bars are those of all that was published, save where a gap of its own says otherwise. */
function judgeIncumbent(
  evidence: Evidence,
  bars: readonly StreamBar[],
  ticks: TickVerdict,
  inKafka: ReadonlyMap<string, ReadonlyMap<number, MinuteBar>>,
): BarVerdict {
  const gaps = newestGaps(evidence.incumbentGaps);
  const expected = new Map<string, Map<number, MinuteBar>>();
  const blurred = new Set<string>();
  for (const [symbol, own] of Map.groupBy(evidence.published, (tick) => tick.symbol)) {
    // Where Kafka has all of a minute, its order counts: of several publishers only Redis knows it.
    const minutes = minutesOf(own.map(({ payload }) => payload));
    const torn = new Set(own.filter((tick) => ticks.missing.has(tick)).map(({ ts }) => minuteOf(ts)));
    for (const [start, bar] of inKafka.get(symbol) ?? [])
      if (!torn.has(start) && bar.n === minutes.get(start)?.n) minutes.set(start, bar);
    expected.set(symbol, minutes);
    for (const tick of own)
      if (tick.unsure || gaps.some((gap) => tells(gap, tick, null))) blurred.add(`${symbol} ${minuteOf(tick.ts)}`);
  }
  return compare('incumbent', expected, settled(bars.flatMap(fromStream)), blurred);
}

function compare(
  side: string,
  expected: ReadonlyMap<string, ReadonlyMap<number, MinuteBar>>,
  written: ReadonlyMap<string, WrittenBar>,
  blurred: ReadonlySet<string> = new Set(),
): BarVerdict {
  const faults: Fault[] = [];
  const left = new Map(written);
  let compared = 0;
  let leftOut = 0;
  for (const [symbol, minutes] of expected)
    for (const [start, bar] of minutes) {
      const key = `${symbol} ${start}`;
      const found = left.get(key);
      left.delete(key);
      if (blurred.has(key)) {
        leftOut += 1;
        continue;
      }
      compared += 1;
      const wrong = found === undefined ? 'is not there' : difference(bar, found);
      if (wrong !== null)
        faults.push({ kind: `bar of the ${side}`, where: `${symbol} ${iso(start)}`, text: wrong, count: 1 });
    }
  for (const [key, bar] of left)
    if (!blurred.has(key))
      faults.push({
        kind: `bar of the ${side}`,
        where: `${bar.symbol} ${iso(bar.start)}`,
        text: 'of a minute without ticks',
        count: 1,
      });
  return { faults, compared, differences: faults.length, leftOut };
}

function difference(expected: MinuteBar, found: WrittenBar): string | null {
  const wrong: string[] = [];
  for (const field of ['open', 'high', 'low', 'close', 'n'] as const)
    if (expected[field] !== found[field]) wrong.push(`${field} ${found[field]}, must be ${expected[field]}`);
  if (expected.volume !== found.volume) wrong.push(`volume ${found.volume}, must be ${expected.volume} (1e-12)`);
  return wrong.length === 0 ? null : wrong.join('; ');
}

/** Of all versions of a bar the one that counts: of the most ticks, then built furthest, then of the highest revision, then the last. */
function settled(bars: readonly WrittenBar[]): Map<string, WrittenBar> {
  const found = new Map<string, WrittenBar>();
  for (const bar of bars) {
    const key = `${bar.symbol} ${bar.start}`;
    const best = found.get(key);
    if (best === undefined || (bar.n - best.n || bar.place - best.place || bar.rev - best.rev) >= 0)
      found.set(key, bar);
  }
  return found;
}

function fromRecord({ value }: KafkaRecord): WrittenBar[] {
  if (value === null) return [];
  const bar = JSON.parse(value) as Record<string, unknown> & { src?: { to?: number } };
  return [
    {
      symbol: String(bar.symbol),
      start: Number(bar.ts) * 1000,
      open: Number(bar.o),
      high: Number(bar.h),
      low: Number(bar.l),
      close: Number(bar.c),
      // As text: a double would not hold all of its digits.
      volume: volumeUnits(/"v":"?([0-9.]+)/.exec(value)?.[1] ?? '0'),
      n: Number(bar.n),
      rev: Number(bar.rev),
      place: bar.src?.to ?? -1,
    },
  ];
}

const fromStream = ({ symbol, fields }: StreamBar): WrittenBar[] => [
  {
    symbol,
    start: Number(fields.ts) * 1000,
    open: Number(fields.open),
    high: Number(fields.high),
    low: Number(fields.low),
    close: Number(fields.close),
    volume: volumeUnits(fields.volume ?? '0'),
    n: Number(fields.n),
    rev: Number(fields.rev),
    place: -1,
  },
];

const sum = (all: readonly BarVerdict[], key: 'compared' | 'differences' | 'leftOut'): number =>
  all.reduce((total, each) => total + each[key], 0);
const iso = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
