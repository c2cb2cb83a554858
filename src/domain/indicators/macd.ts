import type { Detector } from './detector.ts';
import { type EmaState, emaNext, emaOf, emaStart } from './ema.ts';

/** Periods in bars; `fast` < `slow`. */
export interface MacdOptions {
  readonly fast?: number;
  readonly slow?: number;
  readonly signal?: number;
}

/** In units of price. */
export interface Macd {
  readonly macd: number;
  readonly signal: number;
  readonly histogram: number;
}

export interface MacdState {
  readonly fast: EmaState;
  readonly slow: EmaState;
  readonly signal: EmaState;
}

/**
 * Moving average convergence/divergence: macd = fast EMA − slow EMA of closes, signal = EMA of macd, histogram = macd − signal.
 * Gerald Appel, 1979; TA-Lib's TA_MACD, which lets the fast average begin late, so that the seeds of both end on the same bar: that of
 * the fast one is the mean of closes slow − fast to slow − 1, counted from 0. Null until the signal has its seed, after
 * slow + signal − 1 bars.
 */
export const macd = ({ fast = 12, slow = 26, signal = 9 }: MacdOptions = {}): Detector<MacdState, Macd | null> => ({
  start: () => ({ fast: emaStart(), slow: emaStart(), signal: emaStart() }),
  next: (state, { close }) => {
    const next = {
      fast: state.slow.count < slow - fast ? state.fast : emaNext(state.fast, fast, close),
      slow: emaNext(state.slow, slow, close),
    };
    const begun = next.slow.count === slow;
    return {
      ...next,
      signal: begun ? emaNext(state.signal, signal, next.fast.value - next.slow.value) : state.signal,
    };
  },
  read: (state) => {
    const average = emaOf(state.signal, signal);
    if (average === null) return null;
    const line = state.fast.value - state.slow.value;
    return { macd: line, signal: average, histogram: line - average };
  },
});
