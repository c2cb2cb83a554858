import type { PriceBar } from '../detector.ts';
import { facingBar, type Side } from './side.ts';
import type { Happening, Seen, Step, TradingRange } from './trading-range.ts';
import { type Activity, closePosition, standsOut } from './volume-spread.ts';

/** Net movement over the bars before that makes a trend, in their mean spreads: half as much again as a random walk's over 50 bars. */
const TREND = 6;

/** The direction in which closes have gone, from the oldest of the bars before. */
export function trendOf(close: number, { from, spread }: Activity): 'markup' | 'markdown' | 'none' {
  const moved = close - from;
  if (spread.mean === 0 || Math.abs(moved) < TREND * spread.mean) return 'none';
  return moved > 0 ? 'markup' : 'markdown';
}

/** A climax or what foretells it, of either side; `bar` and `activity` as on the chart. */
export function climaxOf(bar: PriceBar, at: number, activity: Activity): (Step & { readonly side: Side }) | null {
  // Up to the bar before: a climax ends a trend, and a shock out of a quiet market is none.
  const trend = trendOf(activity.to, activity);
  if (trend === 'none') return null;
  const side = trend === 'markdown' ? 'accumulation' : 'distribution';
  const extreme = side === 'accumulation' ? bar.low < activity.lowest : bar.high > activity.highest;
  if (!extreme) return null;
  const seen = facingBar(side, bar);
  if (isClimax(seen, activity))
    return { side, range: rangeFrom(side, seen, at, activity), happening: happened('climax', seen) };
  return isPreliminary(seen, activity) ? { side, range: null, happening: happened('preliminary', seen) } : null;
}

/** The climax again, lower, before the reaction: the range starts anew. */
export const renewedClimax = (side: Side, { bar, at, activity }: Seen): Step | null =>
  isClimax(bar, activity) ? { range: rangeFrom(side, bar, at, activity), happening: happened('climax', bar) } : null;

const isClimax = (bar: PriceBar, { spread, volume }: Activity): boolean =>
  standsOut(bar.high - bar.low, spread, 2) && standsOut(bar.volume, volume, 2) && closePosition(bar) >= 0.3;

const isPreliminary = (bar: PriceBar, { spread, volume }: Activity): boolean =>
  standsOut(bar.high - bar.low, spread, 1) && standsOut(bar.volume, volume, 1.5) && closePosition(bar) >= 0.5;

const happened = (role: Happening['role'], { start, low }: PriceBar): Happening => ({ role, start, price: low });

const rangeFrom = (side: Side, bar: PriceBar, at: number, { spread }: Activity): TradingRange => ({
  side,
  phase: 'A',
  climax: { start: bar.start, at, volume: bar.volume, spread: bar.high - bar.low },
  unit: spread.mean,
  low: bar.low,
  // The reaction starts after the climax, whose own high is where the decline came from.
  high: bar.low,
  highStart: bar.start,
  highAt: at,
  boundAt: null,
  excursion: null,
  spring: null,
  sign: null,
  supported: false,
});
