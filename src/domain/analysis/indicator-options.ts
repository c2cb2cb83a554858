import { z } from 'zod';

const period = (bars: number, about = 'bars') => z.int().min(2).max(1_000).default(bars).describe(about);
const few = (bars: number, about: string) => z.int().min(1).max(50).default(bars).describe(about);
const number = (value: number, min: number, max: number) => z.number().min(min).max(max).default(value);

/** A group with its switch. A key that is not named here is refused: a typing mistake must not pass for a setting. */
const group = <Shape extends z.ZodRawShape>(about: string, shape: Shape) =>
  z
    .strictObject({ enabled: z.boolean().default(true).describe('whether the group is read'), ...shape })
    .prefault({} as never)
    .describe(about);

const strength = z.int().min(1).max(10).default(3).describe('bars on each side that confirm a swing');

/** The file of indicators: what is read of every bar. Docs, validation and defaults come from this. */
export const indicatorOptions = z.strictObject({
  averages: group('simple and exponential moving averages', {
    sma: z.array(z.int().min(2).max(1_000)).max(8).default([20]).describe('periods in bars'),
    ema: z.array(z.int().min(2).max(1_000)).max(8).default([9, 20, 50, 200]).describe('periods in bars'),
  }),
  momentum: group('RSI, MACD and stochastic', {
    rsi: period(14),
    macd: z
      .strictObject({
        fast: period(12, 'bars of the fast average; fewer than `slow`'),
        slow: period(26, 'bars of the slow average; more than `fast`'),
        signal: period(9, 'bars of the average of the line'),
      })
      .refine(({ fast, slow }) => fast < slow, {
        error: ({ input }) => {
          const { fast, slow } = input as { fast: number; slow: number };
          return `fast (${fast}) must be less than slow (${slow})`;
        },
      })
      .prefault({})
      .describe('fast must be less than slow'),
    stochastic: z
      .strictObject({
        period: period(14),
        slowing: few(3, 'bars of the average that is %K'),
        signal: few(3, 'bars of the average of %K that is %D'),
      })
      .prefault({}),
  }),
  trend: group('ADX and the direction of the trend', {
    adx: period(14),
    from: number(20, 0, 100).describe('ADX from which there is a trend'),
  }),
  volatility: group('ATR, Bollinger bands and the regime', {
    atr: period(14),
    bollinger: z
      .strictObject({
        period: period(20),
        width: number(2, 0.1, 10).describe('standard deviations from the middle to each band'),
      })
      .prefault({}),
  }),
  vwap: group('VWAP of the session', {}),
  structure: group('swings, breaks of structure, changes of character, premium and discount', { strength }),
  gaps: group('fair-value gaps', {}),
  blocks: group('order blocks', { strength }),
  liquidity: group('pools of liquidity and their sweeps', { strength }),
  wyckoff: group('phases and events after Wyckoff', {
    lookback: z.int().min(20).max(64).default(50).describe('bars that say what is usual'),
    timeout: z.int().min(50).max(5_000).default(400).describe('most bars of a trading range'),
  }),
  divergence: group('divergences of RSI and price', { strength }),
  harmonic: group('harmonic patterns', { strength, tolerance: number(0.05, 0.001, 0.2).describe('share of a ratio') }),
});

export type IndicatorOptions = z.infer<typeof indicatorOptions>;

// for-tests: what an empty file gives
export const defaultIndicators: IndicatorOptions = indicatorOptions.parse({});
