import type { Detector } from './detector.ts';
import { mean, populationDeviation, push } from './rolling-window.ts';

export interface BollingerOptions {
  /** Bars. */
  readonly period?: number;
  /** Standard deviations from the middle to each band. */
  readonly width?: number;
}

export interface Bollinger {
  /** In units of price, as `middle` and `lower`. */
  readonly upper: number;
  readonly middle: number;
  readonly lower: number;
  /** (upper − lower) / middle; null where the middle is 0. */
  readonly bandwidth: number | null;
  /** (close − lower) / (upper − lower): 0 on the lower band, 1 on the upper; null where the bands meet. */
  readonly percent_b: number | null;
}

export interface BollingerState {
  /** The newest closes, at most `period`. */
  readonly closes: readonly number[];
}

/**
 * Bollinger bands: the simple average of the last `period` closes, and `width` standard deviations of their population above and below it.
 * Null before there are as many. John Bollinger, Bollinger on Bollinger Bands, 2001; TA-Lib's TA_BBANDS with a simple average.
 */
export const bollinger = ({
  period = 20,
  width = 2,
}: BollingerOptions = {}): Detector<BollingerState, Bollinger | null> => ({
  start: () => ({ closes: [] }),
  next: ({ closes }, { close }) => ({ closes: push(closes, period, close) }),
  read: ({ closes }) => {
    if (closes.length < period) return null;
    const middle = mean(closes);
    const distance = width * populationDeviation(closes);
    const upper = middle + distance;
    const lower = middle - distance;
    return {
      upper,
      middle,
      lower,
      bandwidth: middle === 0 ? null : (upper - lower) / middle,
      percent_b: upper === lower ? null : (closes[period - 1]! - lower) / (upper - lower),
    };
  },
});
