import type { Instrument, ShownSteps } from '../../domain/instrument/instrument.ts';
import { shownSteps } from '../../domain/instrument/shown-steps.ts';
import { type Compared, type Comparison, compare } from '../../domain/parity.ts';
import { type Side, sides } from '../../domain/parity-bar.ts';
import type { UnreadableBar } from '../../domain/side-bars.ts';
import { minuteOf } from '../../domain/timeframe.ts';
import type { TradingCalendar } from '../../domain/trading-calendar.ts';
import { piecesOf, type Wanted } from './ranges.ts';
import { ReadTicks } from './read-ticks.ts';
import type { SideData, SideSource } from './side-source.ts';

/** What holds for every comparison. */
export interface ReconcileRules {
  readonly calendarOf: (symbol: string) => TradingCalendar;
  /** Within what bars of a symbol agree, and its smallest step; `shown`: the finest steps that its bars show, where they are known. */
  readonly instrumentOf: (symbol: string, shown?: ShownSteps) => Pick<Instrument, 'tolerance' | 'priceIncrement'>;
  /** Percent of expected bars that must agree. */
  readonly threshold: number;
  /** Fewer expected bars in a session are too little evidence; absent: any will do. */
  readonly minSessionBars?: number;
  /** How long after its end a minute stands on both sides, and how long after it can no longer be corrected. Milliseconds. */
  readonly closesMs: number;
  readonly settlesMs: number;
  /** Whether the candidate's side is that of a second incumbent. */
  readonly noise?: boolean;
}

export type Sides = Readonly<Record<Side, SideSource>>;

/** What came of a symbol. */
export interface Reconciled {
  /** By session, in order. */
  readonly compared: readonly Compared[];
  readonly unreadable: Readonly<Record<Side, readonly UnreadableBar[]>>;
}

/** Minutes of a piece whose ticks are read: more would be no help to a reader, and memory. */
const MOST_MINUTES = 500;

/** Every symbol of which either side has bars, sorted. */
export async function symbolsOf({ incumbent, candidate }: Sides): Promise<string[]> {
  return [...new Set([...(await incumbent.symbols()), ...(await candidate.symbols())])].sort();
}

/**
 * Reads both sides of a symbol and compares what is wanted. `now` in epoch milliseconds; `ticks` and `how` are for who does so again and
 * again. Rejects as `SideSource.read`, or with `parity.*`.
 */
export async function reconcile(
  { incumbent, candidate }: Sides,
  symbol: string,
  wanted: Wanted,
  rules: ReconcileRules,
  now: number,
  ticks: ReadTicks = new ReadTicks(),
  how: 'read' | 'readOn' = 'read',
): Promise<Reconciled> {
  const data = { incumbent: await incumbent[how](symbol), candidate: await candidate[how](symbol) };
  const calendar = rules.calendarOf(symbol);
  const starts = sides.flatMap((side) => data[side].bars.map((b) => b.start));
  const { threshold, minSessionBars = 0, noise = false } = rules;
  const shown = shownSteps(data.incumbent.bars, data.candidate.bars);
  const { tolerance, priceIncrement } = rules.instrumentOf(symbol, shown);
  const settled = minuteOf(now - rules.settlesMs);
  const compared: Compared[] = [];
  for (const piece of piecesOf(wanted, symbol, calendar, starts, minuteOf(now - rules.closesMs))) {
    const comparison = {
      symbol,
      calendar,
      settled,
      tolerance,
      priceIncrement,
      threshold,
      minSessionBars,
      noise,
      ...piece,
      ...data,
    };
    compared.push(await compareWithTicks(comparison, data, ticks));
  }
  ticks.endRound();
  return { compared, unreadable: { incumbent: data.incumbent.unreadable, candidate: data.candidate.unreadable } };
}

/** Compares, and where bars differ once more with the ticks that they are made of. */
async function compareWithTicks(
  comparison: Comparison,
  data: Readonly<Record<Side, SideData>>,
  ticks: ReadTicks,
): Promise<Compared> {
  const first = compare(comparison);
  if (first.worthReading.length === 0) return first;
  const minutes = first.worthReading.slice(0, MOST_MINUTES);
  const { incumbent, candidate } = await ticks.of(minutes, data);
  return compare({
    ...comparison,
    incumbent: { ...data.incumbent, ticks: incumbent },
    candidate: { ...data.candidate, ticks: candidate },
  });
}
