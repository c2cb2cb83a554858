import { expect, test } from 'vitest';
import { TradeOrder } from './trade-order.ts';

const trades = (symbol: string, ...ids: number[]) =>
  ids.map((id) => ({ symbol, id, payload: Buffer.from(String(id)) }));
const ids = (list: readonly { id: number }[]): number[] => list.map(({ id }) => id);

test('a first snapshot is history: it passes nothing, and the next trade follows on it', () => {
  const order = new TradeOrder();
  expect(order.pass(trades('BTC-USD', 5, 6, 7), true)).toEqual({ fresh: [], missed: [] });
  const next = order.pass(trades('BTC-USD', 8), false);
  expect(ids(next.fresh)).toEqual([8]);
  expect(next.missed).toEqual([]);
});

test('a snapshot after a reconnect fills the hole, and what passed before does not pass again', () => {
  const order = new TradeOrder();
  order.pass(trades('BTC-USD', 5, 6), false);
  const again = order.pass(trades('BTC-USD', 4, 5, 6, 7, 8), true);
  expect(ids(again.fresh)).toEqual([7, 8]);
  expect(again.missed).toEqual([]);
});

test('a hole that no snapshot fills is told, per symbol', () => {
  const order = new TradeOrder();
  order.pass([...trades('BTC-USD', 5), ...trades('ETH-USD', 90)], false);
  const { fresh, missed } = order.pass([...trades('BTC-USD', 9, 10), ...trades('ETH-USD', 91)], true);
  expect(ids(fresh)).toEqual([9, 10, 91]);
  expect(missed).toEqual([{ symbol: 'BTC-USD', fromId: 6, toId: 8 }]);
});

test('without a snapshot the first trade passes', () => {
  expect(ids(new TradeOrder().pass(trades('BTCUSDT', 5), false).fresh)).toEqual([5]);
});
