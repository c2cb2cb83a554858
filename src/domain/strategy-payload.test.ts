import { expect, test } from 'vitest';
import { strategyPayload } from './strategy-payload.ts';

const at = (timestamp: unknown): boolean =>
  strategyPayload.safeParse({ strategy: 's', timestamp, market: { symbol: 'EURUSD', timeframe: '1m' } }).success;

test('the time of a trade is one that a calendar can hold', () => {
  expect([1_772_460_000, 1_772_460_000_123, 253_402_300_799_999, '9999-12-31T23:59:59Z'].map(at)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([0, -1, 253_402_300_800_000, 1.5e308, Infinity, '12026-01-01T00:00:00Z', 'yesterday'].map(at)).toEqual(
    Array(7).fill(false),
  );
});
