import type { Detector } from './detector.ts';

export interface EmaOptions {
  /** Bars. */
  readonly period?: number;
}

export interface EmaState {
  /** Values so far, counted up to `period`. */
  readonly count: number;
  /** Sum of the values while there are fewer than `period`, then the average. */
  readonly value: number;
}

/**
 * Exponential moving average of closes, in units of price: the mean of the first `period` closes, and from there
 * average + (close − average) × 2 / (period + 1); null before the seed. TA-Lib's TA_EMA in its default compatibility.
 */
export const ema = ({ period = 20 }: EmaOptions = {}): Detector<EmaState, number | null> => ({
  start: emaStart,
  next: (state, { close }) => emaNext(state, period, close),
  read: (state) => emaOf(state, period),
});

/** The average of a series before its first value. */
export const emaStart = (): EmaState => ({ count: 0, value: 0 });

/** The average of any series, one value on. */
export function emaNext({ count, value }: EmaState, period: number, input: number): EmaState {
  if (count === period) return { count, value: (input - value) * (2 / (period + 1)) + value };
  const sum = value + input;
  return { count: count + 1, value: count + 1 === period ? sum / period : sum };
}

/** The average, or null before its seed. */
export const emaOf = ({ count, value }: EmaState, period: number): number | null => (count < period ? null : value);
