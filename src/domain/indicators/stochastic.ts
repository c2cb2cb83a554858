import type { Detector } from './detector.ts';
import { mean, push } from './rolling-window.ts';

/** Periods in bars. */
export interface StochasticOptions {
  /** Over which the highest high and the lowest low are taken. */
  readonly period?: number;
  /** Of the average that makes %K slow. */
  readonly slowing?: number;
  /** Of the average of %K that is %D. */
  readonly signal?: number;
}

/** Each 0 to 100. */
export interface Stochastic {
  readonly k: number;
  readonly d: number;
}

export interface StochasticState {
  readonly highs: readonly number[];
  readonly lows: readonly number[];
  /** The newest fast %K, at most `slowing`. */
  readonly fast: readonly number[];
  /** The newest %K, at most `signal`. */
  readonly slow: readonly number[];
}

/**
 * Slow stochastic: fast %K = 100 × (close − lowest low) / (highest high − lowest low) of the last `period` bars; k = its simple average
 * over `slowing` bars, d = that of k over `signal` bars. Fast %K is 0 where high and low are equal throughout, as TA-Lib has it. Null
 * before `period` + `slowing` + `signal` − 2 bars. George Lane, Lane's Stochastics, 1984; TA-Lib's TA_STOCH with simple averages.
 */
export const stochastic = ({
  period = 14,
  slowing = 3,
  signal = 3,
}: StochasticOptions = {}): Detector<StochasticState, Stochastic | null> => ({
  start: () => ({ highs: [], lows: [], fast: [], slow: [] }),
  next: (state, { high, low, close }) => {
    const highs = push(state.highs, period, high);
    const lows = push(state.lows, period, low);
    if (highs.length < period) return { ...state, highs, lows };
    const fast = push(state.fast, slowing, positionIn(highs, lows, close));
    if (fast.length < slowing) return { ...state, highs, lows, fast };
    return { highs, lows, fast, slow: push(state.slow, signal, mean(fast)) };
  },
  read: ({ slow }) => (slow.length < signal ? null : { k: slow[signal - 1]!, d: mean(slow) }),
});

function positionIn(highs: readonly number[], lows: readonly number[], close: number): number {
  const lowest = Math.min(...lows);
  const hundredth = (Math.max(...highs) - lowest) / 100;
  return hundredth === 0 ? 0 : (close - lowest) / hundredth;
}
