import { z } from 'zod';
import { timeframes } from '../base/timeframe.ts';
import { marketSessions } from '../enrichment/market-session.ts';
import { volatilityRegimes } from '../indicators/volatility-regime.ts';

/** Numbers that may not be known yet: the chart is too short, or its ticks do not tell. */
const known = z.number().nullable();
const facts = z.record(z.string(), z.unknown());
const direction = z.enum(['up', 'down', 'sideways']);

const marketContext = z
  .object({
    symbol: z.string(),
    timeframe: z.string(),
    session: z.enum(marketSessions).describe('off: a working day between sessions; closed: the weekend'),
    trend: direction.nullable(),
    volatility: z.enum(volatilityRegimes).nullable(),
  })
  .describe('What kind of market this bar closed in');

const technicalIndicators = z
  .object({
    rsi: known.describe('RSI (Wilder) of the configured length, 0 to 100; null where nothing moved, too'),
    macd: known.describe('MACD line of the configured lengths; signal and histogram are in extras'),
    vwap: known.describe('Volume-weighted average price of the session so far'),
    moving_averages: z
      .record(z.string(), known)
      .describe('sma_<period> and ema_<period> as configured, such as sma_20 and ema_9'),
    extras: z
      .record(z.string(), known)
      .describe('macd_signal, macd_histogram, atr, bollinger_*, adx, stochastic_*, …, of the configured lengths'),
  })
  .describe('Readings of the indicators after this bar');

const pointOfInterest = z
  .object({
    kind: z.enum(['fair_value_gap', 'order_block']),
    direction: z.enum(['bullish', 'bearish']),
    top: z.number(),
    bottom: z.number(),
    start: z.number().describe('Start of the bar that made it, epoch milliseconds'),
    state: z.string(),
  })
  .describe('A zone of prices that the market may come back to');

const liquidityPool = z.object({
  side: z.enum(['buy', 'sell']).describe('buy: stops of sellers above a high'),
  price: z.number(),
  touches: z.number(),
  start: z.number(),
});

const smc = z.object({
  market_structure: z.string().describe('up, down or undefined, after the last confirmed break'),
  poi: z.array(pointOfInterest),
  liquidity_pools: z.array(liquidityPool),
  notes: z.string(),
});

const wyckoff = z.object({
  phase: z.string().describe('accumulation A … distribution E, markup, markdown, or none'),
  events: z.array(z.object({ code: z.string(), start: z.number(), price: z.number() })),
  notes: z.string(),
});

const microstructure = z
  .object({
    effective_spread: known,
    realized_spread: known,
    price_impact: known,
    liquidity_score: known.describe('0 to 100'),
    toxicity_score: known.describe('0 to 100'),
  })
  .describe('What the ticks of the bar say of who trades; null where there are no trades or no quotes');

const confidenceFactor = z.object({
  name: z.string(),
  weight: z.number(),
  value: z.number().describe('0: speaks against the direction, 1: fully for it, 0.5: for neither, and not counted'),
  reason: z.string(),
});

const predictiveAnalysis = z.object({
  scorer: z.object({
    maturity_score: z
      .number()
      .describe(
        'Weighted mean of the factors that speak for or against, 0 to 1; scaled down where they have less than half of all weight',
      ),
    grade: z.enum(['A', 'B', 'C', 'D']),
    confidence_factors: z.array(confidenceFactor),
  }),
  conflict_detection: z.object({
    is_conflict: z.boolean(),
    direction: z.enum(['up', 'down']).optional().describe('Where the longer timeframes point'),
    confidence: z.number().optional().describe('Share of the longer timeframes that point there, 0 to 1'),
  }),
  extras: facts,
});

/** An analysis of one closed bar, as it stands on the topic `final-analysis-payloads` and in the table `analyses`. May gain fields, never lose one. */
export const unifiedAnalysis = z
  .object({
    id: z
      .string()
      .optional()
      .describe('<SYMBOL>:<timeframe>:<start of the bar, epoch seconds>: the same for the same bar, whoever made it'),
    symbol: z.string(),
    timeframe: z.enum(timeframes),
    timestamp: z.iso.datetime().describe('End of the bar, ISO 8601, UTC'),
    market_context: marketContext,
    technical_indicators: technicalIndicators,
    smc,
    wyckoff,
    microstructure,
    predictive_analysis: predictiveAnalysis,
    ispts_pipeline: z.object({
      context_analyzer: facts,
      liquidity_engine: facts,
      structure_validator: facts,
      fvg_locator: facts,
      harmonic_processor: facts,
    }),
    extras: facts.describe(
      'bar: the bar itself; settled: whether late ticks may still change it; volume_kind: traded, or ticks where their number stands for the volume throughout the session',
    ),
    text: z.string().optional().describe('The same facts in plain English'),
  })
  .describe('UnifiedAnalysisPayloadV1');

export type UnifiedAnalysis = z.infer<typeof unifiedAnalysis>;
