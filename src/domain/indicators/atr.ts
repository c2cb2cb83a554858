import type { Detector } from './detector.ts';
import { trueRange } from './true-range.ts';
import { type WilderAverage, wilderNext, wilderStart } from './wilder-average.ts';

export interface AtrOptions {
  /** True ranges; the first reading comes one bar later. */
  readonly period?: number;
}

export interface AtrState {
  /** The newest close. */
  readonly close: number | null;
  readonly average: WilderAverage;
}

/**
 * Average true range, in units of price: Wilder's average of the true ranges from the second bar on, since the first has no close before
 * it; null before `period` of them. Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's TA_ATR.
 */
export const atr = ({ period = 14 }: AtrOptions = {}): Detector<AtrState, number | null> => ({
  start: () => ({ close: null, average: wilderStart }),
  next: ({ close: before, average }, bar) => ({
    close: bar.close,
    average: before === null ? average : wilderNext(average, period, trueRange(bar, before)),
  }),
  read: ({ average }) => (average.count < period ? null : average.value),
});
