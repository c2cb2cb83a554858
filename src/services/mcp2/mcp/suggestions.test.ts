import { expect, test } from 'vitest';
import { matching, symbolOf } from './suggestions.ts';

test('suggests each that begins so once, whatever its case, and no more than a completion may hold', () => {
  expect(matching(['EURUSD', 'EURJPY', 'GBPUSD', 'EURUSD'], 'eur')).toEqual(['EURUSD', 'EURJPY']);
  expect(
    matching(
      Array.from({ length: 300 }, (_, i) => `t${i}`),
      '',
    ),
  ).toHaveLength(100);
});

test.each([
  [{ market: { symbol: 'EURUSD' } }, 'EURUSD'],
  [{ market: { symbol: 7 } }, null],
  [{ market: null }, null],
  [{}, null],
  [null, null],
  ['text', null],
])('takes the symbol of the payload %o as %o', (payload, symbol) => {
  expect(symbolOf(payload)).toBe(symbol);
});
