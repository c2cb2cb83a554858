import { expect, test } from 'vitest';
import { type RatePath, rateOn, ratePaths, type TapedClose } from './conversion.ts';

const pair = (symbol: string, base = symbol.slice(0, 3), quote = symbol.slice(-3)) => ({ symbol, base, quote });
const AT = Date.UTC(2024, 0, 9, 10);
const MINUTE = 60_000;
const close = (price: number, minutes = 0): TapedClose => ({ price, at: AT + minutes * MINUTE });
const told = (paths: readonly RatePath[]) =>
  paths.map((path) => path.map(({ symbol, inverted }) => (inverted ? `1/${symbol}` : symbol)).join(' × '));

test('a symbol of both comes first, then one inverted, then two across a third currency, the dollar first', () => {
  const pairs = ['EURJPY', 'USDJPY', 'EURUSD', 'GBPJPY', 'EURGBP', 'BTCJPY', 'BTCEUR', 'XAUUSD'].map((s) => pair(s));
  expect(told(ratePaths('JPY', 'EUR', pairs))).toEqual(['1/EURJPY', '1/USDJPY × 1/EURUSD', '1/GBPJPY × 1/EURGBP']);
  expect(told(ratePaths('EUR', 'JPY', [...pairs, pair('EUR_JPY')]))).toEqual([
    'EURJPY',
    'EUR_JPY',
    'EURUSD × USDJPY',
    'EURGBP × GBPJPY',
  ]);
  expect(told(ratePaths('CHF', 'EUR', pairs))).toEqual([]);
  expect(told(ratePaths('USDT', 'EUR', [pair('EURUSDT', 'EUR', 'USDT'), ...pairs]))).toEqual(['1/EURUSDT']);
});

test('a rate is of closes from before the trade that are fresh, and as old as the oldest of them', () => {
  const [path] = ratePaths('JPY', 'EUR', [pair('USDJPY'), pair('EURUSD')]);
  const rate = (usdJpy: TapedClose | null, eurUsd: TapedClose | null) =>
    rateOn(path!, new Map([['USDJPY', usdJpy] as const, ['EURUSD', eurUsd] as const]), AT);
  // 1 JPY = 1 / 144 USD = 1 / 144 / 1.1 EUR.
  expect(rate(close(144, -60), close(1.1))).toEqual({
    rate: expect.closeTo(0.0063131313, 10),
    path: 'USDJPY inverted and EURUSD inverted',
    at: AT - 60 * MINUTE,
  });
  expect(rate(close(144, -61), close(1.1))).toBe('stale');
  expect(rate(close(144), close(1.1, 1))).toBe('later');
  expect(rate(null, close(1.1))).toBe('later');
  expect(rate(close(0), close(1.1))).toBe('later');
});
