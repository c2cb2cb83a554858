import { z } from 'zod';
import { marketSessions } from './market-session.ts';

const known = z.number().nullable();

/** `payload` of a row of `ticks_enriched`: the readings of a tick and the indicators of the last settled bar before it. May gain fields, never lose one. */
export const enrichedPayload = z
  .object({
    mid: known.describe('(bid + ask) / 2; null for a trade without a quote of its own'),
    spread: known.describe('ask − bid, in price; negative where crossed'),
    spread_bps: known.describe('the spread in basis points of the mid'),
    flags: z.array(z.enum(['crossed', 'locked', 'stale', 'out_of_order', 'outlier'])),
    direction: z.union([z.literal(-1), z.literal(0), z.literal(1)]).describe('tick rule (Lee & Ready 1991)'),
    log_return: known.describe('to the tick of its kind before'),
    volatility: known.describe('EWMA of squared log returns per tick, λ = 0.94, as a standard deviation'),
    order_flow_imbalance: known.describe('−1 to 1'),
    vpin: known.describe('0 to 1: one-sidedness of the volume buckets'),
    effective_spread: known.describe('2 × |price − prevailing mid| of a trade'),
    realized_spread: known.describe('mean over the newest trades whose mid 5 s later is known'),
    price_impact: known.describe('mean of effective − realised spread of the same trades'),
    kyle_lambda: known.describe('price per unit of signed volume'),
    liquidity_score: known.describe('0 to 100'),
    toxicity_score: known.describe('0 to 100'),
    session: z.enum(marketSessions),
    side: z.string().optional().describe('as the publisher wrote it, as are id and seq'),
    id: z.string().optional(),
    seq: z.number().optional(),
    late: z.literal(true).optional().describe('came after its bar had settled, and is in no bar'),
    indicators: z
      .looseObject({
        bar: z.number().describe('start of that bar, epoch milliseconds'),
        close: z.number(),
        rsi: known,
        macd: known,
        macd_signal: known,
        atr: known,
        adx: known,
        vwap: known,
        trend: z.enum(['up', 'down', 'sideways']).nullable(),
        volatility: z.enum(['low', 'normal', 'high', 'extreme']).nullable(),
        structure: z.enum(['up', 'down', 'undefined']).nullable(),
      })
      .nullable()
      .describe('with sma_<period> and ema_<period> as configured; null before the first bar'),
  })
  .describe('EnrichedTickPayload');
