import type { ChartReadings } from '../../src/domain/analysis/chart.ts';

/** Readings of a chart that tells nothing, save for what is given. */
export const chartReadings = (known: Partial<ChartReadings> = {}): ChartReadings => ({
  averages: null,
  rsi: null,
  macd: null,
  stochastic: null,
  adx: null,
  trend: null,
  atr: null,
  bollinger: null,
  regime: null,
  vwap: null,
  structure: null,
  location: null,
  gaps: null,
  blocks: null,
  liquidity: null,
  wyckoff: null,
  divergence: null,
  harmonic: null,
  ...known,
});

export const trending = (direction: 'up' | 'down' | 'sideways', strength = 30): Partial<ChartReadings> => ({
  trend: { direction, strength },
});

export const structured = (trend: 'up' | 'down' | 'undefined'): Partial<ChartReadings> => ({
  structure: { trend, last_high: null, last_low: null, labels: [], event: null, last_event: null },
});
