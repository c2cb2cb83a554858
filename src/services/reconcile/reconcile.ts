import { minuteOf } from '../../domain/base/timeframe.ts';
import type { TradingCalendar } from '../../domain/calendar/trading-calendar.ts';
import type { Instrument, ShownSteps } from '../../domain/instrument/instrument.ts';
import { finestSteps, shownSteps } from '../../domain/instrument/shown-steps.ts';
import type { Comparison } from '../../domain/parity/comparison.ts';
import { type Compared, compare } from '../../domain/parity/parity.ts';
import { type Side, sides } from '../../domain/parity/parity-bar.ts';
import type { UnreadableBar } from '../../domain/parity/side-bars.ts';
import type { OtherSymbol } from '../../domain/parity/systematic/view.ts';
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

/** Symbols among which one that was mixed up is looked for: each is read whole. */
const MOST_OTHERS = 50;

/** Every symbol of which either side has bars, sorted. */
export async function symbolsOf({ incumbent, candidate }: Sides): Promise<string[]> {
  return [...new Set([...(await incumbent.symbols()), ...(await candidate.symbols())])].sort();
}

/** Reads both sides of a symbol and compares what is wanted. `now` in epoch milliseconds. Rejects as `SideSource.read`, or with `parity.*`. */
export async function reconcile(
  all: Sides,
  symbol: string,
  wanted: Wanted,
  rules: ReconcileRules,
  now: number,
): Promise<Reconciled> {
  const data = { incumbent: await all.incumbent.read(symbol), candidate: await all.candidate.read(symbol) };
  return compareSides(data, symbol, wanted, rules, { now, others: otherSymbols(all, symbol) });
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
  /** Reads the bars of other symbols; absent: whether two were swapped is not looked at. */
  readonly others?: () => Promise<OtherSymbol[]>;
}

/** Compares what is wanted of what stands on both sides of a symbol. Rejects with `parity.*`, or as `SideData.ticksOf`. */
export async function compareSides(
  data: Readonly<Record<Side, SideData>>,
  symbol: string,
  wanted: Wanted,
  rules: ReconcileRules,
  { now, ticks = new ReadTicks(), from = Number.NEGATIVE_INFINITY, shown: before = null, others }: CompareOptions,
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
    const { whole, told } = await compareWithTicks(comparison, data, ticks);
    compared.push(told.mayBeOtherSymbol && others !== undefined ? compare({ ...whole, others: await others() }) : told);
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
): Promise<{ readonly whole: Comparison; readonly told: Compared }> {
  const first = compare(comparison);
  if (first.worthReading.length === 0) return { whole: comparison, told: first };
  const minutes = first.worthReading.slice(0, MOST_MINUTES);
  const { incumbent, candidate } = await ticks.of(minutes, data);
  const whole: Comparison = {
    ...comparison,
    ...(minutes.length < first.worthReading.length && { ticksRead: new Set(minutes) }),
    incumbent: { ...data.incumbent, ticks: incumbent },
    candidate: { ...data.candidate, ticks: candidate },
  };
  return { whole, told: compare(whole) };
}

/** The bars of other symbols, read where they are asked for, once. */
export function otherSymbols(all: Sides, symbol: string): () => Promise<OtherSymbol[]> {
  let read: Promise<OtherSymbol[]> | null = null;
  const readAll = async (): Promise<OtherSymbol[]> => {
    const found: OtherSymbol[] = [];
    const symbols = (await symbolsOf(all)).filter((other) => other !== symbol);
    for (const other of symbols.slice(0, MOST_OTHERS)) {
      const [incumbent, candidate] = [await all.incumbent.read(other), await all.candidate.read(other)];
      found.push({ symbol: other, incumbent: incumbent.bars, candidate: candidate.bars });
    }
    return found;
  };
  return () => (read ??= readAll());
}
