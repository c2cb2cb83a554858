import type { Detector, PriceBar } from './detector.ts';
import { type SwingState, swings } from './swings.ts';

export interface PremiumDiscountOptions {
  /** Bars on each side of a swing; ≥ 1. */
  readonly strength?: number;
  /** Height of the equilibrium zone about the middle, as a share of the range; 0 to 1. */
  readonly equilibrium?: number;
}

/** The stretch of a retracement in which the trade along the leg is held to be best. */
export interface OptimalTradeEntry {
  /** The leg that is retraced: `up` from the low to the high, so that the entry is a buy. */
  readonly direction: 'up' | 'down';
  readonly top: number;
  readonly bottom: number;
  /** Whether the newest close is within it, its edges included. */
  readonly inside: boolean;
}

export interface PremiumDiscountReading {
  readonly high: number;
  readonly low: number;
  /** Starts of the bars that made them, epoch milliseconds. */
  readonly high_start: number;
  readonly low_start: number;
  /** The middle of the range. */
  readonly equilibrium: number;
  /** Where the newest close stands: 0 at the low, 1 at the high, never beyond. */
  readonly position: number;
  readonly zone: 'premium' | 'discount' | 'equilibrium';
  readonly optimal_trade_entry: OptimalTradeEntry;
}

interface Extreme {
  readonly price: number;
  readonly start: number;
}

export interface PremiumDiscountState {
  readonly swings: SwingState;
  readonly high: Extreme | null;
  readonly low: Extreme | null;
  readonly close: number | null;
}

/** Retracements between which the optimal trade entry lies. */
const ENTRY = { from: 0.62, to: 0.79 };

/**
 * Premium and discount: where the close stands in the dealing range. The range's high is the last confirmed swing high (see `swings`), or
 * the highest high since its bar where that is higher; its low is the last confirmed swing low, or the lowest low since. So the newest
 * close is always within. A newly confirmed swing begins its side anew, even when that narrows the range. Null until there are both.
 *
 * The equilibrium zone is `equilibrium` of the height about the middle, edges included (0.05: from 0.475 to 0.525); above it is premium,
 * below discount. The optimal trade entry lies at 0.62 to 0.79 of the way back along the leg from the older extreme to the newer one;
 * where one bar made both, the high counts as the newer.
 *
 * The terms and the 62 to 79 % are the Inner Circle Trader's (M. Huddleston, no canonical text). The trailing extremes and the 5 % zone
 * are as in LuxAlgo's "Smart Money Concepts", which colours only the outer 5 % as premium and discount; half and half is the usual reading.
 */
export function premiumDiscount({
  strength = 3,
  equilibrium = 0.05,
}: PremiumDiscountOptions = {}): Detector<PremiumDiscountState, PremiumDiscountReading | null> {
  const turning = swings(strength);
  return {
    start: () => ({ swings: turning.start(), high: null, low: null, close: null }),
    next: (state, bar) => {
      const seen = turning.next(state.swings, bar);
      let { high, low } = trailed(state, bar);
      // Nothing since its bar is beyond a swing that has just been confirmed.
      for (const { kind, price, start } of turning.read(seen))
        if (kind === 'high') high = { price, start };
        else low = { price, start };
      return { swings: seen, high, low, close: bar.close };
    },
    read: ({ high, low, close }) =>
      high === null || low === null || close === null ? null : reading(high, low, close, equilibrium),
  };
}

function trailed({ high, low }: PremiumDiscountState, bar: PriceBar) {
  return {
    high: high !== null && bar.high > high.price ? { price: bar.high, start: bar.start } : high,
    low: low !== null && bar.low < low.price ? { price: bar.low, start: bar.start } : low,
  };
}

function reading(high: Extreme, low: Extreme, close: number, equilibrium: number): PremiumDiscountReading {
  const height = high.price - low.price;
  // The bar before a swing high is strictly lower, the one before a swing low strictly higher: there always is a height.
  const position = (close - low.price) / height;
  const offCentre = position - 0.5;
  return {
    high: high.price,
    low: low.price,
    high_start: high.start,
    low_start: low.start,
    equilibrium: low.price + height / 2,
    position,
    zone: Math.abs(offCentre) <= equilibrium / 2 ? 'equilibrium' : offCentre > 0 ? 'premium' : 'discount',
    optimal_trade_entry: entry(high, low, close),
  };
}

function entry(high: Extreme, low: Extreme, close: number): OptimalTradeEntry {
  const height = high.price - low.price;
  const direction = high.start >= low.start ? 'up' : 'down';
  const [top, bottom] =
    direction === 'up'
      ? [high.price - ENTRY.from * height, high.price - ENTRY.to * height]
      : [low.price + ENTRY.to * height, low.price + ENTRY.from * height];
  return { direction, top, bottom, inside: bottom <= close && close <= top };
}
