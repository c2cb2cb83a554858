import { z } from 'zod';

/** A short text without control characters. */
const word = z
  .string()
  .min(1)
  .max(200)
  // Written out, for tools that read the schema and know no \p{Cc}.
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not contain control characters');
/** A number, or text that is one and nothing else; it is kept as it was sent. */
const orText = (number: z.ZodNumber, text: RegExp, allowed: string) =>
  z.union([number, z.string().regex(text)], { error: `must be ${allowed}, or text that is one` });
const share = orText(z.number().min(0), /^\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$/, 'a number from 0 on');
const count = orText(z.number().int().min(0), /^\d{1,15}$/, 'a whole number from 0 on');
const figure = orText(z.number(), /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$/, 'a number');
/** The end of the year 9999, to which ISO 8601 reaches too: no calendar counts beyond. */
const LAST_MILLISECOND = 253_402_300_799_999;

/** A field that guidance reads where it holds what it should, and that may hold anything. */
const read = (kind: 'number' | 'text' | 'yes/no', about: string) => {
  const forms = { number: z.union([z.number(), z.string()]), text: z.string(), 'yes/no': z.boolean() };
  return z.union([forms[kind], z.unknown()]).optional().describe(about);
};

const trade = z.looseObject({
  side: read('text', 'long or buy, short or sell'),
  entry: read('number', 'Planned or actual entry price, in the quote currency of the symbol'),
  stop: read('number', 'Stop price: below the entry of a long, above that of a short'),
  target: read('number', 'Target price'),
  size: read('number', 'How much is traded, counted in size_unit'),
  size_unit: read(
    'text',
    'What one of size is: units (of the base: currency, ounces, coins, shares), lots or contracts (one is the contract size of the symbol), mini lots (a tenth of it) or micro lots (a hundredth). Needed unless the contract size is 1',
  ),
  pnl: read('number', 'Profit of the ended trade, below 0 for a loss'),
  result: read('text', 'win, loss or break-even, of the ended trade'),
  stop_moved_away: read('yes/no', 'Whether the stop was moved away from the price'),
});

const account = z.looseObject({
  equity: read('number', 'Equity of the account, in money'),
  currency: read('text', 'Currency of the account, such as EUR; the setting ACCOUNT_CURRENCY where it is left out'),
});

const market = z.object({
  symbol: word.max(100),
  timeframe: word.max(20),
  session: word.optional(),
});

const features = z.object({
  indicators: z
    .record(z.string().min(1).max(100), figure)
    .default({})
    .describe('Name of the indicator to its value, as the strategy computed it'),
  notes: z.string().max(10_000).optional().describe('Free text; kept, never followed'),
});

const risk = z.object({
  max_risk_per_trade: share
    .optional()
    .describe('Share of equity that one trade may lose, 0.01 = 1 %; without it guidance cannot judge the trade'),
  max_positions: count.optional().describe('Most positions at once'),
  max_daily_drawdown: share.optional().describe('Share of equity that a day may lose, 0.05 = 5 %'),
  daily_drawdown: read('number', 'Share of equity lost today, 0.02 = 2 %; needed where max_daily_drawdown is set'),
  risk_per_trade: read(
    'number',
    'Share of equity that this trade risks, 0.01 = 1 %, where it is known already; checked against the trade where that can be computed',
  ),
});

const positions = z.object({
  open: count.default(0),
  closed: count.default(0),
  total_risk: share.optional().describe('Share of equity at risk in open positions, 0.02 = 2 %'),
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
    trade: z
      .union([trade, z.unknown()])
      .optional()
      .describe(
        'The trade. Guidance computes its risk: |entry − stop| × size in units of the base, converted from the quote currency into that of the account with a rate of the tape, as a share of the equity. Where one of these is missing the risk is unknown, and guidance never says to proceed',
      ),
    account: z.union([account, z.unknown()]).optional().describe('The account that the trade is for'),
  })
  .describe('StrategyPayloadV1');

export type StrategyPayload = z.infer<typeof strategyPayload>;
