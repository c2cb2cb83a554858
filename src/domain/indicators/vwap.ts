import type { Detector } from './detector.ts';

export interface VwapOptions {
  /** The start of the trading session that holds a time; both in epoch milliseconds, UTC. Must be a pure function. */
  readonly sessionStart?: (ts: number) => number;
}

/** In units of price. */
export interface Vwap {
  readonly vwap: number;
  /** One standard deviation, weighted by volume, above and below. */
  readonly upper: number;
  readonly lower: number;
}

export interface VwapState {
  /** Start of the session, epoch milliseconds; null before the first bar. */
  readonly session: number | null;
  /** Volume of the session so far. */
  readonly volume: number;
  readonly mean: number;
  /** Sum of volume × (price − mean)². */
  readonly squares: number;
}

const DAY = 86_400_000;

/** The day in UTC that holds `ts`. */
export const utcDay = (ts: number): number => Math.floor(ts / DAY) * DAY;

/**
 * Volume-weighted average price of the trading session so far, from the typical price (high + low + close) / 3 of each bar, and bands of
 * one standard deviation of those prices around it, both weighted by the bar's volume. A bar belongs to the session that holds its start.
 * Null while the session has no volume; a bar without volume changes nothing.
 * The average after Berkowitz, Logue and Noser, The Total Cost of Transactions on the NYSE, 1988; updated as in West, Updating Mean and
 * Variance Estimates, 1979, because the difference of two sums of squares has few correct digits where a range is small beside the price.
 */
export const vwap = ({ sessionStart = utcDay }: VwapOptions = {}): Detector<VwapState, Vwap | null> => ({
  start: () => ({ session: null, volume: 0, mean: 0, squares: 0 }),
  next: (state, { start, high, low, close, volume }) => {
    const session = sessionStart(start);
    const since = session === state.session ? state : { session, volume: 0, mean: 0, squares: 0 };
    const price = (high + low + close) / 3;
    if (since.volume === 0) return { session, volume, mean: price, squares: 0 };
    const total = since.volume + volume;
    const distance = price - since.mean;
    const step = (distance * volume) / total;
    return {
      session,
      volume: total,
      mean: since.mean + step,
      squares: since.squares + since.volume * distance * step,
    };
  },
  read: ({ volume, mean, squares }) => {
    if (volume === 0) return null;
    const deviation = Math.sqrt(squares / volume);
    return { vwap: mean, upper: mean + deviation, lower: mean - deviation };
  },
});
