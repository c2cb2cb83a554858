/** A running average after Welles Wilder. */
export interface WilderAverage {
  /** Values so far, counted up to the period. */
  readonly count: number;
  /** Sum of the values while there are fewer than the period, then the average. */
  readonly value: number;
}

export const wilderStart: WilderAverage = { count: 0, value: 0 };

/**
 * Wilder's smoothing (New Concepts in Technical Trading Systems, 1978): the mean of the first `period` values, and from there
 * (average × (period − 1) + value) / period, in this order of operations, which is TA-Lib's.
 */
export function wilderNext({ count, value }: WilderAverage, period: number, input: number): WilderAverage {
  if (count === period) return { count, value: (value * (period - 1) + input) / period };
  const sum = value + input;
  return { count: count + 1, value: count + 1 === period ? sum / period : sum };
}
