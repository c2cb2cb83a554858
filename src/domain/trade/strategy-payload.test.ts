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

const read = (more: object) =>
  strategyPayload.safeParse({ strategy: 's', timestamp: 1, market: { symbol: 'EURUSD', timeframe: '1m' }, ...more });

test('numbers may be text, and are kept as they were sent', () => {
  const sent = {
    risk: { max_risk_per_trade: '0.01', max_positions: '4', max_daily_drawdown: '3e-2' },
    positions: { open: '1', closed: 2, total_risk: ' .006'.trim() },
    features: { indicators: { rsi: '58.3', macd: '-0.0004' } },
  };
  expect(read(sent).data).toMatchObject(sent);
  for (const max_risk_per_trade of ['', 'one', '-0.01', '1 %', '1,5', '0x1', 'Infinity', '1e999', -0.01, null])
    expect(read({ risk: { max_risk_per_trade } }).success, String(max_risk_per_trade)).toBe(false);
  for (const open of ['1.5', '-1', '', 'many']) expect(read({ positions: { open } }).success, open).toBe(false);
});

test('a trade and an account are read where they are objects, and may be anything', () => {
  for (const trade of [
    { side: 'long', entry: 1.1, stop: '1.09', more: [1] },
    { entry: {}, size: [] },
    'a text',
    null,
    7,
  ])
    expect(read({ trade, account: trade }).data).toMatchObject({ trade, account: trade });
});
