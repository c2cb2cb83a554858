import type { PriceBar } from './detector.ts';

export interface MeanRangeState {
  /** Bars so far, counted up to the period. */
  readonly count: number;
  readonly mean: number;
  /** Close of the newest bar. */
  readonly close: number;
}

/**
 * The mean true range by which structure detectors say what is small and what is large, in units of price: Wilder's average true range
 * (New Concepts in Technical Trading Systems, 1978) over `period` bars, save that it begins with the first bar, whose range is high - low,
 * and is the plain mean while there are fewer bars than `period`. It is a yardstick and no reading of its own.
 */
export function meanRange(
  state: MeanRangeState | null,
  { high, low, close }: PriceBar,
  period: number,
): MeanRangeState {
  if (state === null) return { count: 1, mean: high - low, close };
  const range = Math.max(high, state.close) - Math.min(low, state.close);
  const count = Math.min(state.count + 1, period);
  return { count, mean: state.mean + (range - state.mean) / count, close };
}
