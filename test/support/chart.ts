import type { PriceBar } from '../../src/domain/indicators/detector.ts';

/** Bars of a hand-made chart, a minute each: [open, high, low, close, volume = 100]. For tests. */
export const chart = (rows: readonly (readonly number[])[], from = Date.UTC(2024, 0, 8, 9)): PriceBar[] =>
  rows.map(([open = 0, high = 0, low = 0, close = 0, volume = 100], i) => ({
    start: from + i * 60_000,
    open,
    high,
    low,
    close,
    volume,
  }));
