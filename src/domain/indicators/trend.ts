import { type Adx, type AdxState, adx } from './adx.ts';
import type { Detector, PriceBar } from './detector.ts';
import { type EmaState, emaNext, emaOf, emaStart } from './ema.ts';

export interface TrendOptions {
  /** Periods of the three averages in bars, each longer than the one before. */
  readonly fast?: number;
  readonly middle?: number;
  readonly slow?: number;
  /** Period of the ADX in bars. */
  readonly strength?: number;
  /** The ADX from which there is a trend. */
  readonly from?: number;
}

export interface Trend {
  readonly direction: 'up' | 'down' | 'sideways';
  /** The ADX: 0 to 100, whichever way the price goes. */
  readonly strength: number;
}

export interface TrendState {
  readonly fast: EmaState;
  readonly middle: EmaState;
  readonly slow: EmaState;
  readonly adx: AdxState;
}

/**
 * Trend by the order of three exponential averages of closes and by Wilder's ADX. Up: fast > middle > slow, and the ADX is at least `from`.
 * Down: fast < middle < slow, and the ADX is at least `from`. Sideways: anything else. Null before each of the four has a value (200 bars
 * with the defaults). The stack of averages is a convention (20, 50 and 200); that an ADX below 20 shows no trend is Welles Wilder's, New
 * Concepts in Technical Trading Systems, 1978.
 */
export function trend({
  fast = 20,
  middle = 50,
  slow = 200,
  strength = 14,
  from = 20,
}: TrendOptions = {}): Detector<TrendState, Trend | null> {
  const directional: Detector<AdxState, Adx> = adx({ period: strength });
  const next = (state: TrendState, bar: PriceBar): TrendState => ({
    fast: emaNext(state.fast, fast, bar.close),
    middle: emaNext(state.middle, middle, bar.close),
    slow: emaNext(state.slow, slow, bar.close),
    adx: directional.next(state.adx, bar),
  });
  const read = (state: TrendState): Trend | null => {
    const near = emaOf(state.fast, fast);
    const mid = emaOf(state.middle, middle);
    const far = emaOf(state.slow, slow);
    const { adx: force } = directional.read(state.adx);
    if (near === null || mid === null || far === null || force === null) return null;
    if (force >= from && near > mid && mid > far) return { direction: 'up', strength: force };
    if (force >= from && near < mid && mid < far) return { direction: 'down', strength: force };
    return { direction: 'sideways', strength: force };
  };
  return {
    start: () => ({ fast: emaStart(), middle: emaStart(), slow: emaStart(), adx: directional.start() }),
    next,
    read,
  };
}
