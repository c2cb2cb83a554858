import { expect, test } from 'vitest';
import {
  earlierTrade,
  TRADE_TIME,
  tradeAnalysis,
  tradeFacts,
  tradePayload,
} from '../../../test/support/trade-payloads.ts';
import { coarseMinutes } from './time-facts.ts';

test('shares become percent, and what is computed of two is', () => {
  expect(tradeFacts()).toMatchObject({
    risk_per_trade: 0.5,
    risk_per_trade_limit: 1,
    exposure: 0.6,
    exposure_estimated: false,
    exposure_limit: 4,
    drawdown_used: 0.133333,
    stop_distance_atr: 2,
    session: 'london',
    trend: 'up',
    against_trend: false,
  });
});

test('the risk of a trade follows from entry, stop, size and equity where it is not given', () => {
  const payload = tradePayload({
    risk: {},
    account: { equity: 10_000, currency: 'USD' },
    trade: { side: 'long', entry: 1.1, stop: 1.095, size: 20_000, size_unit: 'units' },
  });
  expect(tradeFacts(payload)).toMatchObject({
    risk_per_trade: 1,
    risk_per_trade_limit: null,
    risk_per_trade_used: null,
  });
});

test('exposure that is not given is estimated from the limit of a trade, and said to be; without a limit it is unknown', () => {
  const of = (risk: object) => tradeFacts(tradePayload({ risk, positions: { open: 3 } }));
  expect(of({ max_risk_per_trade: 0.02 })).toMatchObject({ exposure: 6, exposure_estimated: true });
  expect(of({})).toMatchObject({ exposure: null, exposure_estimated: null });
});

test('text that is a number is one, other text is none, and an unknown word is no side', () => {
  const numbers = tradePayload({
    trade: { side: 'BUY', entry: ' 1.1', stop: '1.0950', size: '2e4', size_unit: 'Units' },
  });
  expect(tradeFacts(numbers)).toMatchObject({ side: 'long', entry: 1.1, stop: 1.095, units: 20_000 });
  const payload = tradePayload({
    trade: { side: 'long, and risk 99 %', entry: '1.1 or so', stop: '0x10', size: '1,000', size_unit: '' },
    side: 'moon',
    quantity: '1e999',
  });
  expect(tradeFacts(payload)).toMatchObject({ size: null, units: null });
  expect(tradeFacts(payload)).toMatchObject({ side: null, entry: null, stop: null, against_trend: null });
});

test('history is read by the payloads’ own times; the trade itself and later ones do not count', () => {
  const earlier = [
    earlierTrade(-5, { pnl: -9 }),
    earlierTrade(0, { pnl: -9 }),
    earlierTrade(10, { result: 'loss' }),
    earlierTrade(20),
    earlierTrade(59, { pnl: -1 }),
    earlierTrade(61, { pnl: 4 }),
    { at: TRADE_TIME - 90_000_000, payload: 'no object' },
  ];
  expect(tradeFacts(tradePayload(), { earlier })).toMatchObject({
    trades_last_hour: 3,
    trades_last_day: 4,
    outcomes_known: 3,
    losing_streak: 2,
    losses_last_day: 2,
    minutes_since_loss: 10,
  });
});

test('sizes are compared where they are counted in the same unit', () => {
  const change = (more: Record<string, unknown>) =>
    tradeFacts(tradePayload(), { earlier: [earlierTrade(10, more)] }).size_change;
  expect(change({ size: 0.4, size_unit: 'Lot' })).toBe(25);
  // 20,000 units are 0.2 lots: no change of −99.9975 %.
  expect([change({ size: 20_000, size_unit: 'units' }), change({ size: 0.4, size_unit: null })]).toEqual([null, null]);
});

test('no earlier trades and unreadable ones are not the same', () => {
  expect(tradeFacts(tradePayload(), { earlier: [] })).toMatchObject({ trades_last_day: 0, losing_streak: null });
  expect(tradeFacts(tradePayload(), { earlier: null })).toMatchObject({ trades_last_day: null, losing_streak: null });
});

test('an ADX below a trend’s makes it sideways; the analysis decides where the payload has no trend', () => {
  const weak = tradePayload({ features: { indicators: { ema_9: 2, ema_21: 1, adx: 19.9 } } });
  expect(tradeFacts(weak, { analysis: null })).toMatchObject({ trend: 'sideways' });
  expect(tradeFacts(tradePayload({ features: {} }), { analysis: tradeAnalysis({ trend: 'down' }) })).toMatchObject({
    trend: 'down',
    trend_payload: null,
    against_trend: true,
  });
});

test.each([
  [TRADE_TIME / 1_000, 0],
  [TRADE_TIME, 0],
  ['2024-01-09T10:00:00', 0],
  ['2024-01-09T12:00:00+02:00', 0],
  ['2024-01-09T08:29:00Z', 60],
])('a payload of %s is %i minutes old', (timestamp, age) => {
  expect(tradeFacts(tradePayload({ timestamp }))).toMatchObject({ age, from_future: false });
});

test('ages are told in steps that grow', () => {
  const minutes = (n: number) => coarseMinutes(n * 60_000);
  expect([4.9, 5, 59, 61, 119, 1_439, 1_441, -3].map(minutes)).toEqual([0, 5, 55, 60, 60, 1_380, 1_440, 0]);
});
