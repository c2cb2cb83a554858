import type { Detector } from './detector.ts';
import { mean, push } from './rolling-window.ts';

export interface SmaOptions {
  /** Bars. */
  readonly period?: number;
}

export interface SmaState {
  /** The newest closes, at most `period`. */
  readonly closes: readonly number[];
}

/** Simple moving average: the mean of the last `period` closes, in units of price; null before there are as many. TA-Lib's TA_SMA. */
export const sma = ({ period = 20 }: SmaOptions = {}): Detector<SmaState, number | null> => ({
  start: () => ({ closes: [] }),
  next: ({ closes }, { close }) => ({ closes: push(closes, period, close) }),
  read: ({ closes }) => (closes.length < period ? null : mean(closes)),
});
