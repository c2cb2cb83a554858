import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { steppingClock } from '../../../../test/support/stepping-clock.ts';
import { prometheusMetrics } from '../../../adapters/metrics/prometheus.ts';
import { seededRandom } from '../../../adapters/random/seeded.ts';
import { lmdbTradeStore } from '../../../adapters/trade-store/lmdb.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import { type StrategyPayload, strategyPayload } from '../../../domain/trade/strategy-payload.ts';
import type { Caller } from '../../../ports/caller.ts';
import type { Trades } from '../../../ports/desk.ts';
import type { NewTrade, TradeStore } from '../../../ports/trade-store.ts';
import { trades } from './trades.ts';

const AT = Date.parse('2025-07-20T08:26:40.123Z');
const desk: Caller = { name: 'desk', scopes: ['write'] };
const payload = (fields: Record<string, unknown> = {}): StrategyPayload =>
  strategyPayload.parse({
    strategy: 'breakout',
    timestamp: '2025-07-20T08:26:40Z',
    market: { symbol: 'EURUSD', timeframe: '5m', venue: 'LMAX' },
    features: { indicators: { rsi: 61.5 }, notes: 'Ω 🙂' },
    ...fields,
  });

async function capture(over: (store: TradeStore) => Partial<TradeStore> = () => ({})) {
  const path = await mkdtemp(join(tmpdir(), 'pulse-trades-'));
  const clock = steppingClock(AT);
  const store = lmdbTradeStore({ path, clock });
  const metrics = prometheusMetrics({ process: false });
  onTestFinished(async () => {
    await store.close();
    await rm(path, { recursive: true });
  });
  const subject: Trades = trades({ store: { ...store, ...over(store) }, clock, random: seededRandom(7), metrics });
  return { subject, store, clock, metrics };
}

test('a payload is fetched as it was sent, with who sent it and when', async () => {
  const { subject } = await capture();
  const sent = payload({ own: { deep: [1, null, { b: 1, a: 2 }] } });
  const { id, repeated } = await subject.log(sent, desk, null);
  expect(repeated).toBe(false);
  expect(id).toMatch(/^0198[0-9a-f]{4}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const fetched = await subject.fetch(id);
  expect(fetched).toEqual({ id, received_at: '2025-07-20T08:26:40.123Z', received_by: 'desk', payload: sent });
  expect(JSON.stringify(fetched.payload)).toBe(JSON.stringify(sent));
});

test('the newest come first, page by page', async () => {
  const { subject } = await capture();
  const ids: string[] = [];
  for (let i = 0; i < 5; i += 1) ids.push((await subject.log(payload(), desk, null)).id);
  expect(new Set(ids).size).toBe(5);
  const first = await subject.recent(3, null);
  expect(first.map(({ id }) => id)).toEqual(ids.slice(2).toReversed());
  expect((await subject.recent(3, first.at(-1)!.id)).map(({ id }) => id)).toEqual(ids.slice(0, 2).toReversed());
});

test.each([
  '',
  'abc',
  '../../etc/passwd',
  'x'.repeat(100_000),
  '01983f2a-7c00-7000-8000-000000000000',
])('there is nothing under the id %#', async (id) => {
  const { subject } = await capture();
  await expect(subject.fetch(id)).rejects.toMatchObject({ code: 'trade.none' });
  await expect(subject.recent(10, id)).rejects.toMatchObject({ code: 'trade.cursor' });
});

test('the same request under the same key is stored once, whatever the order of the keys of its payload', async () => {
  const { subject, metrics } = await capture();
  const { id } = await subject.log(payload({ a: 1, b: { c: 1, d: 2 } }), desk, 'order-17');
  const turned = payload({ b: { d: 2, c: 1 }, a: 1 });
  expect(await subject.log(turned, desk, 'order-17')).toEqual({ id, repeated: true });
  await expect(subject.log(payload({ a: 2 }), desk, 'order-17')).rejects.toMatchObject({ code: 'trade.idempotency' });
  expect((await subject.log(turned, { ...desk, name: 'lab' }, 'order-17')).repeated).toBe(false);
  expect((await subject.log(turned, desk, null)).repeated).toBe(false);
  expect(await subject.recent(10, null)).toHaveLength(3);
  expect(await metrics.text()).toMatch(/^pulse_mcp2_trades_stored_total\{result="repeated"\} 1$/m);
});

test('a key may be used for another payload after a day', async () => {
  const { subject, clock, store } = await capture();
  await subject.log(payload({ a: 1 }), desk, 'k');
  clock.advance(86_400_000 - 1);
  await store.prune(0);
  await expect(subject.log(payload({ a: 2 }), desk, 'k')).rejects.toMatchObject({ code: 'trade.idempotency' });
  clock.advance(1);
  expect((await subject.log(payload({ a: 2 }), desk, 'k')).repeated).toBe(false);
});

test('a put whose answer was lost is sent again under the same id, and stored once', async () => {
  const tried: NewTrade[] = [];
  const { subject } = await capture((store) => ({
    put: async (trade) => {
      tried.push(trade);
      const result = await store.put(trade);
      if (tried.length < 3) throw new PulseError('redis.unavailable', { at: 'redis://x', reason: 'no answer' });
      return result;
    },
  }));
  const { id, repeated } = await subject.log(payload(), desk, 'k');
  expect([repeated, tried.length, new Set(tried.map((trade) => trade.id)).size]).toEqual([false, 3, 1]);
  expect((await subject.recent(10, null)).map((trade) => trade.id)).toEqual([id]);
});

test.each`
  code                   | tries
  ${'redis.unavailable'} | ${4}
  ${'redis.busy'}        | ${4}
  ${'redis.full'}        | ${1}
  ${'redis.refused'}     | ${1}
  ${'trade.idempotency'} | ${1}
`('$code comes to the caller after $tries tries', async ({ code, tries }) => {
  let count = 0;
  const { subject } = await capture(() => ({
    put: async () => {
      count += 1;
      throw new PulseError(code, {});
    },
  }));
  await expect(subject.log(payload(), desk, null)).rejects.toMatchObject({ code });
  expect(count).toBe(tries);
});

test('a put to a Redis that does not answer is not sent again: its sender has waited long enough', async () => {
  let count = 0;
  const { subject, clock } = await capture(() => ({
    put: async () => {
      count += 1;
      clock.advance(10_000);
      throw new PulseError('redis.unavailable', {});
    },
  }));
  await expect(subject.log(payload(), desk, null)).rejects.toMatchObject({ code: 'redis.unavailable' });
  expect(count).toBe(1);
});
