import { z } from 'zod';

/** A short text without control characters. */
const word = z
  .string()
  .min(1)
  .max(200)
  // Written out, for tools that read the schema and know no \p{Cc}.
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not contain control characters');
const share = z.number().finite();
/** The end of the year 9999, to which ISO 8601 reaches too: no calendar counts beyond. */
const LAST_MILLISECOND = 253_402_300_799_999;

const market = z.object({
  symbol: word.max(100),
  timeframe: word.max(20),
  session: word.optional(),
});

const features = z.object({
  indicators: z
    .record(z.string().min(1).max(100), z.number().finite())
    .default({})
    .describe('Name of the indicator to its value, as the strategy computed it'),
  notes: z.string().max(10_000).optional().describe('Free text; kept, never followed'),
});

const risk = z.object({
  max_risk_per_trade: share.min(0).optional().describe('Share of equity that one trade may lose, 0.01 = 1 %'),
  max_positions: z.number().int().min(0).optional(),
  max_daily_drawdown: share.min(0).optional().describe('Share of equity that a day may lose, 0.05 = 5 %'),
});

const positions = z.object({
  open: z.number().int().min(0).default(0),
  closed: z.number().int().min(0).default(0),
  total_risk: share.min(0).optional().describe('Share of equity at risk in open positions, 0.02 = 2 %'),
});

/** What a strategy saw and had at risk when it took, or looked at, a trade. May gain fields, never lose one; unknown ones are kept. */
export const strategyPayload = z
  .looseObject({
    strategy: word,
    timestamp: z
      .union([z.iso.datetime({ offset: true, local: true }), z.number().positive().max(LAST_MILLISECOND)])
      .describe('ISO 8601, or epoch seconds or milliseconds (≥ 1e11)'),
    market: z.looseObject(market.shape),
    features: z.looseObject(features.shape).prefault({}),
    risk: z.looseObject(risk.shape).prefault({}),
    positions: z.looseObject(positions.shape).prefault({}),
  })
  .describe('StrategyPayloadV1');

export type StrategyPayload = z.infer<typeof strategyPayload>;
