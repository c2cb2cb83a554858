import type { Instrument, ShownSteps } from '../../domain/instrument/instrument.ts';
import { finestSteps, shownSteps } from '../../domain/instrument/shown-steps.ts';
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
  /** The finest steps that bars show. */
  readonly shown: ShownSteps;
  readonly unreadable: Readonly<Record<Side, readonly UnreadableBar[]>>;
}

/** Minutes of a piece whose ticks are read: more would be no help to a reader, and memory. */
const MOST_MINUTES = 500;

/** Every symbol of which either side has bars, sorted. */
export async function symbolsOf({ incumbent, candidate }: Sides): Promise<string[]> {
  return [...new Set([...(await incumbent.symbols()), ...(await candidate.symbols())])].sort();
}

/** Reads both sides of a symbol and compares what is wanted. `now` in epoch milliseconds. Rejects as `SideSource.read`, or with `parity.*`. */
export async function reconcile(
  { incumbent, candidate }: Sides,
  symbol: string,
  wanted: Wanted,
  rules: ReconcileRules,
  now: number,
): Promise<Reconciled> {
  const data = { incumbent: await incumbent.read(symbol), candidate: await candidate.read(symbol) };
  return compareSides(data, symbol, wanted, rules, { now });
}

/** For who compares again and again. */
export interface CompareOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly ticks?: ReadTicks;
  /** Bars before this start are not looked at (epoch milliseconds). */
  readonly from?: number;
  /** The finest steps that bars showed which are not among the data any more. */
  readonly shown?: ShownSteps | null;
}

/** Compares what is wanted of what stands on both sides of a symbol. Rejects with `parity.*`, or as `SideData.ticksOf`. */
export async function compareSides(
  data: Readonly<Record<Side, SideData>>,
  symbol: string,
  wanted: Wanted,
  rules: ReconcileRules,
  { now, ticks = new ReadTicks(), from = Number.NEGATIVE_INFINITY, shown: before = null }: CompareOptions,
): Promise<Reconciled> {
  const calendar = rules.calendarOf(symbol);
  const starts = sides.flatMap((side) => data[side].bars.map((b) => b.start)).filter((start) => start >= from);
  const { threshold, minSessionBars = 0, noise = false } = rules;
  const shown = finestSteps(shownSteps(data.incumbent.bars, data.candidate.bars), before);
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
  return {
    compared,
    shown,
    unreadable: { incumbent: data.incumbent.unreadable, candidate: data.candidate.unreadable },
  };
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
