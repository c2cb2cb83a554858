import type { Detector } from './detector.ts';
import { type WilderAverage, wilderNext, wilderStart } from './wilder-average.ts';

export interface RsiOptions {
  /** Changes of close; the first reading comes one bar later. */
  readonly period?: number;
}

export interface RsiState {
  /** The newest close. */
  readonly close: number | null;
  readonly gain: WilderAverage;
  readonly loss: WilderAverage;
}

/**
 * Relative strength index, 0 to 100: 100 × gain / (gain + loss), where gain and loss are Wilder's averages of the rises and of the falls
 * from close to close. Null before `period` changes, and while nothing has moved at all: TA-Lib reads 0 there, as after nothing but falls.
 * Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's TA_RSI.
 */
export const rsi = ({ period = 14 }: RsiOptions = {}): Detector<RsiState, number | null> => ({
  start: () => ({ close: null, gain: wilderStart, loss: wilderStart }),
  next: (state, { close }) => {
    if (state.close === null) return { ...state, close };
    const change = close - state.close;
    return {
      close,
      gain: wilderNext(state.gain, period, change > 0 ? change : 0),
      loss: wilderNext(state.loss, period, change < 0 ? -change : 0),
    };
  },
  read: ({ gain, loss }) => {
    if (gain.count < period) return null;
    const moved = gain.value + loss.value;
    return moved === 0 ? null : 100 * (gain.value / moved);
  },
});
