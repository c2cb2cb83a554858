import { type AtrState, atr } from './atr.ts';
import type { Detector, PriceBar } from './detector.ts';
import { push } from './rolling-window.ts';

/** From calm to wild. */
export const volatilityRegimes = ['low', 'normal', 'high', 'extreme'] as const;
export type VolatilityRegimeName = (typeof volatilityRegimes)[number];

export interface VolatilityRegimeOptions {
  /** Period of the ATR in bars. */
  readonly period?: number;
  /** Bars from one sample of the history to the next. */
  readonly every?: number;
  /** Samples in the history: with 60 of every 8th bar it spans 480 bars. */
  readonly samples?: number;
  /** Samples before there is a reading. */
  readonly atLeast?: number;
  /** Percentiles at which normal, high and extreme begin. */
  readonly from?: readonly [normal: number, high: number, extreme: number];
  /** How far below its beginning, in percentile points, a regime is left for a lower one. */
  readonly margin?: number;
}

export interface VolatilityRegime {
  readonly regime: VolatilityRegimeName;
  /** Share of the history below the newest value, ties counted half: 0 to 100. */
  readonly percentile: number;
  /** ATR in percent of the close. */
  readonly atr_percent: number;
}

export interface VolatilityRegimeState {
  readonly atr: AtrState;
  /** ATR in percent of the close at every `every`th bar, the newest last. */
  readonly history: readonly number[];
  /** Bars since the newest sample; 0 on the bar of a sample. */
  readonly since: number;
  readonly reading: VolatilityRegime | null;
}

/**
 * Volatility regime by the rank of the ATR, in percent of the close, among its own recent history. The history is a sample of every 8th
 * value, 60 of them, so that it spans 480 bars at the cost of 60 numbers; a value is ranked before it is taken into the history.
 * The first reading takes the regime in whose range the percentile lies: low [0, 20), normal [20, 80), high [80, 95), extreme [95, 100].
 * From there with hysteresis: a higher regime is entered as soon as the percentile reaches its beginning, because a warning must not wait;
 * a regime is left for a lower one only once the percentile is more than 5 points below its beginning (extreme below 90, high below 75,
 * normal below 15), and then for the one in whose range, so widened, it lies. Null before 20 samples. A bar that closes at 0 has no
 * percentage: the reading before it stands. Pulse's own rule, on TA-Lib's TA_ATR.
 */
export function volatilityRegime({
  period = 14,
  every = 8,
  samples = 60,
  atLeast = 20,
  from = [20, 80, 95],
  margin = 5,
}: VolatilityRegimeOptions = {}): Detector<VolatilityRegimeState, VolatilityRegime | null> {
  const range = atr({ period });
  const next = (state: VolatilityRegimeState, bar: PriceBar): VolatilityRegimeState => {
    const average = range.next(state.atr, bar);
    const value = range.read(average);
    if (value === null || bar.close === 0) return { ...state, atr: average };
    const percent = (100 * value) / Math.abs(bar.close);
    const { history, reading, since } = state;
    const sampled = history.length === 0 || since + 1 === every;
    return {
      atr: average,
      history: sampled ? push(history, samples, percent) : history,
      since: sampled ? 0 : since + 1,
      reading: history.length < atLeast ? null : classify(percent, history, reading),
    };
  };

  const classify = (percent: number, history: readonly number[], before: VolatilityRegime | null): VolatilityRegime => {
    const percentile = rank(percent, history);
    let level = before === null ? 0 : volatilityRegimes.indexOf(before.regime);
    while (level > 0 && percentile < from[level - 1]! - margin) level -= 1;
    while (level < from.length && percentile >= from[level]!) level += 1;
    return { regime: volatilityRegimes[level]!, percentile, atr_percent: percent };
  };

  return {
    start: () => ({ atr: range.start(), history: [], since: 0, reading: null }),
    next,
    read: ({ reading }) => reading,
  };
}

function rank(value: number, history: readonly number[]): number {
  let halves = 0;
  for (const each of history) halves += each < value ? 2 : each === value ? 1 : 0;
  return (50 * halves) / history.length;
}
