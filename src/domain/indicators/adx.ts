import type { Detector, PriceBar } from './detector.ts';
import { trueRange } from './true-range.ts';
import { type WilderAverage, wilderNext, wilderStart } from './wilder-average.ts';

export interface AdxOptions {
  /** Bars. */
  readonly period?: number;
}

/** Each 0 to 100. */
export interface Adx {
  /** Strength of a trend, whichever way it goes; null for the first 2 × period − 1 bars. */
  readonly adx: number | null;
  /** Share of the true range that went up, and down; null for the first `period` bars. */
  readonly plus_di: number | null;
  readonly minus_di: number | null;
}

export interface AdxState {
  readonly before: Pick<PriceBar, 'high' | 'low' | 'close'> | null;
  /** Bars after the first one, counted up to `period`. */
  readonly count: number;
  /** Wilder's sums of the up moves, the down moves and the true ranges. */
  readonly plus: number;
  readonly minus: number;
  readonly range: number;
  readonly adx: WilderAverage;
}

/**
 * Average directional index with the directional indicators. A bar's up move is its high less the high before, its down move the low before
 * less its low; the larger of the two counts if it is above 0, and neither does when they are equal. The moves and the true ranges are
 * summed over the first `period` − 1 bars after the first one (one less than in Wilder's book: TA-Lib's way), and from there
 * sum − sum / period + value. DI = 100 × moves / ranges; DX = 100 × |+DI − −DI| / (+DI + −DI); ADX = Wilder's average of DX.
 * DI and DX are 0 as long as nothing has moved. `period` is at least 2.
 * Welles Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib's TA_ADX, TA_PLUS_DI and TA_MINUS_DI.
 */
export const adx = ({ period = 14 }: AdxOptions = {}): Detector<AdxState, Adx> => ({
  start: () => ({ before: null, count: 0, plus: 0, minus: 0, range: 0, adx: wilderStart }),
  next: (state, bar) => {
    const { high, low, close } = bar;
    const before = { high, low, close };
    if (state.before === null) return { ...state, before };
    const moved = addMove(state, state.before, bar, period);
    if (moved.count < period) return { ...moved, before };
    return { ...moved, before, adx: wilderNext(state.adx, period, directionalIndex(moved)) };
  },
  read: ({ count, plus, minus, range, adx: average }) => ({
    adx: average.count < period ? null : average.value,
    plus_di: count < period ? null : indicator(plus, range),
    minus_di: count < period ? null : indicator(minus, range),
  }),
});

function addMove(state: AdxState, before: Pick<PriceBar, 'high' | 'low' | 'close'>, bar: PriceBar, period: number) {
  const up = bar.high - before.high;
  const down = before.low - bar.low;
  const count = Math.min(state.count + 1, period);
  const add = (sum: number, value: number): number => (count < period ? sum : sum - sum / period) + value;
  return {
    ...state,
    count,
    plus: add(state.plus, up > 0 && up > down ? up : 0),
    minus: add(state.minus, down > 0 && up < down ? down : 0),
    range: add(state.range, trueRange(bar, before.close)),
  };
}

const indicator = (moves: number, range: number): number => (range === 0 ? 0 : 100 * (moves / range));

function directionalIndex({ plus, minus, range }: AdxState): number {
  const up = indicator(plus, range);
  const down = indicator(minus, range);
  return up + down === 0 ? 0 : 100 * (Math.abs(down - up) / (up + down));
}
