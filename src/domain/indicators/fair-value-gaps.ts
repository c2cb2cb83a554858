import type { Detector, PriceBar } from './detector.ts';
import { type MeanRangeState, meanRange } from './mean-range.ts';

export interface FairValueGapOptions {
  /** Least height of a gap, in mean true ranges of the bars before the newest; ≥ 0. */
  readonly minSize?: number;
  /** Bars of the mean true range; ≥ 1. */
  readonly period?: number;
  /** Most gaps held open; ≥ 1. */
  readonly keep?: number;
}

/** A stretch of prices over which only one side traded. */
export interface FairValueGap {
  readonly direction: 'bullish' | 'bearish';
  readonly top: number;
  readonly bottom: number;
  /** Start of the middle bar of the three, epoch milliseconds. */
  readonly start: number;
  /** The share of its height to which price has come back at most: 0 open, in between partially filled, 1 filled. */
  readonly filled: number;
}

export interface FairValueGapReading {
  /** Not wholly filled yet, oldest first. */
  readonly open: readonly FairValueGap[];
  /** The one that the newest bar made. */
  readonly created: FairValueGap | null;
  /** Those that the newest bar filled. */
  readonly filled: readonly FairValueGap[];
}

type Edges = Pick<PriceBar, 'start' | 'high' | 'low'>;

export interface FairValueGapState extends FairValueGapReading {
  readonly range: MeanRangeState | null;
  /** The bar before the newest one. */
  readonly before: Edges | null;
  readonly newest: Edges | null;
}

/**
 * Fair value gaps: three bars of which the first and the third leave prices between them that only the middle one traded. Bullish when the
 * low of the third is above the high of the first (the gap is what lies between), bearish when the high of the third is below the low of
 * the first, over missing minutes too; counted when at least `minSize` mean true ranges high, as they stood before the third bar. It
 * exists from the third bar's close on; later bars fill it by their wicks: a bullish gap by their lows from the top down, a bearish one by
 * their highs from the bottom up. `filled` is the deepest share so far. A gap is filled and gone when a wick reaches its far side; with
 * more than `keep` open the oldest is forgotten without being filled.
 *
 * The term is the Inner Circle Trader's (M. Huddleston, no canonical text). The three-bar rule is that of `fvg` in
 * joshyattridge/smart-money-concepts, which further wants the middle bar's body to point along the gap, has no least size, and calls a gap
 * mitigated at the first touch. LuxAlgo's "Smart Money Concepts" wants the middle bar to close beyond the first and sets the least size by
 * the mean body.
 */
export function fairValueGaps({
  minSize = 0.25,
  period = 14,
  keep = 20,
}: FairValueGapOptions = {}): Detector<FairValueGapState, FairValueGapReading> {
  return {
    start: () => ({ open: [], created: null, filled: [], range: null, before: null, newest: null }),
    next: (state, bar) => {
      const { range, before, newest } = state;
      const created =
        before === null || newest === null ? null : gapOf(before, newest.start, bar, minSize * (range?.mean ?? 0));
      const { open, filled } = fill(state.open, bar);
      return {
        open: created === null ? open : [...open, created].slice(-keep),
        created,
        filled,
        range: meanRange(range, bar, period),
        before: newest,
        newest: { start: bar.start, high: bar.high, low: bar.low },
      };
    },
    read: ({ open, created, filled }) => ({ open, created, filled }),
  };
}

function gapOf(first: Edges, start: number, third: Edges, least: number): FairValueGap | null {
  if (third.low > first.high && third.low - first.high >= least)
    return { direction: 'bullish', top: third.low, bottom: first.high, start, filled: 0 };
  if (third.high < first.low && first.low - third.high >= least)
    return { direction: 'bearish', top: first.low, bottom: third.high, start, filled: 0 };
  return null;
}

/** The open gaps after the bar's wicks, and those that they filled. */
function fill(gaps: readonly FairValueGap[], bar: PriceBar): Pick<FairValueGapReading, 'open' | 'filled'> {
  // Most bars fill nothing: the list is then handed on as it is.
  if (gaps.every((gap) => depth(gap, bar) <= gap.filled)) return { open: gaps, filled: [] };
  const deeper = gaps.map((gap) => {
    const filled = depth(gap, bar);
    return filled > gap.filled ? { ...gap, filled } : gap;
  });
  return { open: deeper.filter(({ filled }) => filled < 1), filled: deeper.filter(({ filled }) => filled === 1) };
}

/** The share of the gap that the bar's wick covers, from the near side. */
function depth({ direction, top, bottom }: FairValueGap, { high, low }: PriceBar): number {
  const near = direction === 'bullish' ? top - low : high - bottom;
  if (near <= 0) return 0;
  // Compared as prices: a quotient may round to 1 before the far side is reached.
  if (direction === 'bullish' ? low <= bottom : high >= top) return 1;
  return Math.min(near / (top - bottom), LESS_THAN_WHOLE);
}

const LESS_THAN_WHOLE = 1 - Number.EPSILON;
