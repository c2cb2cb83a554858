import type { UnifiedAnalysis } from '../../src/domain/analysis/unified-analysis.ts';
import type { Timeframe } from '../../src/domain/base/timeframe.ts';

/** A valid analysis of a quiet rise, with a field that a later version may add. */
export const analysisOf = (symbol: string, timeframe: Timeframe): UnifiedAnalysis => ({
  id: `${symbol}:${timeframe}:1751357700`,
  symbol,
  timeframe,
  timestamp: '2026-07-01T08:16:00.000Z',
  market_context: { symbol, timeframe, session: 'london', trend: 'up', volatility: 'normal' },
  technical_indicators: { rsi: 61.2, macd: 0.0002, vwap: 1.0841, moving_averages: { sma_20: 1.0838 }, extras: {} },
  smc: { market_structure: 'up', poi: [], liquidity_pools: [], notes: '' },
  wyckoff: { phase: 'markup', events: [], notes: '' },
  microstructure: {
    effective_spread: 0.00008,
    realized_spread: null,
    price_impact: null,
    liquidity_score: 74,
    toxicity_score: null,
  },
  predictive_analysis: {
    scorer: {
      maturity_score: 0.62,
      grade: 'B',
      confidence_factors: [{ name: 'trend', weight: 2, value: 1, reason: 'the trend is up' }],
    },
    conflict_detection: { is_conflict: false },
    extras: {},
  },
  ispts_pipeline: {
    context_analyzer: {},
    liquidity_engine: {},
    structure_validator: {},
    fvg_locator: {},
    harmonic_processor: {},
  },
  extras: { settled: true },
  text: 'EURUSD rises quietly.',
  ...{ later_field: { nested: [1] } },
});
