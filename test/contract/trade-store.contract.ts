import { expect } from 'vitest';
import type { NewTrade, StoredTrade, TradeStore } from '../../src/ports/trade-store.ts';
import { contract } from './contract.ts';

/** What the adapters are opened with here in place of a minute. */
export const REDELIVER_MS = 2_000;
/** Longer than any test. */
const HOUR_MS = 3_600_000;
const never = new AbortController().signal;
const AT = 1_753_000_000_123;

let made = 0;
/** Another trade with each call. */
function trade(fields: Partial<NewTrade> = {}): NewTrade {
  made += 1;
  const id = `01983f2a-7c00-7000-8000-${made.toString(16).padStart(12, '0')}`;
  return { id, payload: `{"strategy":"s","n":${made}}`, at: AT + made, by: 'desk', idempotency: null, ...fields };
}
const named = (key: string, digest: string, fields: Partial<NewTrade> = {}): NewTrade =>
  trade({ ...fields, idempotency: { key, digest: digest.repeat(64).slice(0, 64) } });
const stored = ({ id, payload, at, by }: NewTrade): StoredTrade => ({ id, payload, at, by });
const idsOf = (trades: readonly { id: string }[]): string[] => trades.map(({ id }) => id);
const trades = (count: number): NewTrade[] => Array.from({ length: count }, () => trade());

async function putAll(store: TradeStore, all: readonly NewTrade[]): Promise<string[]> {
  for (const each of all) await store.put(each);
  return idsOf(all);
}

export const tradeStoreContract = contract<TradeStore>('trade-store', [
  [
    'has nothing under an id that was never stored, whatever text it is',
    async (store) => {
      for (const id of ['01983f2a-7c00-7000-8000-ffffffffffff', '', 'x'.repeat(10_000), 'Ω*?[a]', '__proto__'])
        expect(await store.get(id)).toBe(null);
      expect(await store.recent(10)).toEqual([]);
      expect(await store.waiting()).toEqual({ trades: 0, oldestAt: null });
    },
  ],
  [
    'gives a payload back byte for byte, with who sent it and when',
    async (store) => {
      const texts = [
        '{}',
        '{"a":"Ω\u2028🙂","é":"e\u0301","nul":"\\u0000"}',
        ' {"b" : 1.0e+00 ,"a":1}\n',
        '{"half":"\\ud83d"}',
        `{"long":"${'x'.repeat(900_000)}"}`,
      ];
      for (const payload of texts) {
        const put = trade({ payload, by: 'Größe-1' });
        expect(await store.put(put)).toEqual({ id: put.id, repeated: false });
        expect(await store.get(put.id)).toEqual(stored(put));
      }
    },
  ],
  [
    'pages through all trades, newest first, each once',
    async (store) => {
      const ids = await putAll(store, trades(25));
      const found: string[] = [];
      // A page that does not go on would otherwise be read for ever.
      for (let page = await store.recent(10); page.length > 0 && found.length < 100; ) {
        found.push(...idsOf(page));
        page = await store.recent(10, found.at(-1));
      }
      expect(found).toEqual(ids.toReversed());
      expect(idsOf(await store.recent(3))).toEqual(ids.slice(-3).toReversed());
      // What is stored between two pages does not move them.
      await store.put(trade());
      expect(idsOf(await store.recent(5, ids[5]))).toEqual(ids.slice(0, 5).toReversed());
    },
  ],
  [
    'refuses a page before a trade that it does not have',
    async (store) => {
      await store.put(trade());
      for (const before of ['01983f2a-7c00-7000-8000-ffffffffffff', '', 'x'.repeat(10_000)])
        await expect(store.recent(10, before)).rejects.toMatchObject({ code: 'trade.cursor', status: 404 });
    },
  ],
  [
    'keeps the order of concurrent puts the same for readers and forwarders',
    async (store) => {
      const all = trades(1_500);
      await Promise.all(all.map((each) => store.put(each)));
      const taken = idsOf(await store.take('f', 2_000, 0, never));
      expect(taken.toSorted()).toEqual(idsOf(all).toSorted());
      expect(idsOf(await store.recent(2_000))).toEqual(taken.toReversed());
    },
  ],
  [
    'stores the same id once, and answers the same',
    async (store) => {
      const put = trade();
      const answers = await Promise.all([store.put(put), store.put(put), store.put(put)]);
      answers.push(await store.put({ ...put, payload: '{"another":1}' }));
      expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
        new Set([JSON.stringify({ id: put.id, repeated: false })]),
      );
      expect(await store.recent(10)).toEqual([stored(put)]);
      expect(await store.take('f', 10, 0, never)).toEqual([stored(put)]);
    },
  ],
  [
    'does not store again what comes under the same key, and names the first',
    async (store) => {
      const first = named('k', 'a');
      expect(await store.put(first)).toEqual({ id: first.id, repeated: false });
      expect(await store.put(named('k', 'a'))).toEqual({ id: first.id, repeated: true });
      expect(await store.put(first)).toEqual({ id: first.id, repeated: false });
      expect(await store.recent(10)).toEqual([stored(first)]);
      expect((await store.waiting()).trades).toBe(1);
    },
  ],
  [
    'refuses another payload under the same key, and stores nothing of it',
    async (store) => {
      const first = named('the "key"', 'a');
      await store.put(first);
      const other = named('the "key"', 'b');
      // Others of its group are none the worse.
      const [refused, fine] = await Promise.allSettled([store.put(other), store.put(trade())]);
      expect(refused).toMatchObject({
        status: 'rejected',
        reason: { code: 'trade.idempotency', evidence: { key: 'the "key"', id: first.id }, status: 409 },
      });
      expect(fine.status).toBe('fulfilled');
      expect(await store.get(other.id)).toBe(null);
      expect((await store.waiting()).trades).toBe(2);
    },
  ],
  [
    'keeps the keys of callers apart, whatever they are named',
    async (store) => {
      const all = [
        named('k', 'a', { by: 'desk' }),
        named('k', 'b', { by: 'lab' }),
        named('', 'c', { by: 'deskk' }),
        named('x'.repeat(5_000), 'd'),
        named('Ω\u0000', 'e'),
      ];
      for (const each of all) expect(await store.put(each)).toEqual({ id: each.id, repeated: false });
    },
  ],
  [
    'stores one of many concurrent puts under the same key, in two processes',
    async (store, tools) => {
      const other = await tools.another();
      const all = Array.from({ length: 40 }, () => named('once', 'a'));
      const answers = await Promise.all(all.map((each, i) => (i % 2 === 0 ? store : other).put(each)));
      expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(new Set(idsOf(answers)).size).toBe(1);
      expect(await store.recent(50)).toHaveLength(1);
    },
  ],
  [
    'gives what is in the queue, oldest first, and no more once it is settled',
    async (store) => {
      const all = trades(5);
      const ids = await putAll(store, all);
      expect(await store.take('f', 3, 0, never)).toEqual(all.slice(0, 3).map(stored));
      await store.settle(ids.slice(0, 2));
      expect(await store.waiting()).toEqual({ trades: 3, oldestAt: all[2]!.at });
      // The one that it did not settle first, at once.
      expect(idsOf(await store.take('f', 10, 0, never))).toEqual(ids.slice(2));
      await store.settle([...ids, '01983f2a-7c00-7000-8000-ffffffffffff']);
      expect(await store.take('f', 10, 0, never)).toEqual([]);
      expect(await store.waiting()).toEqual({ trades: 0, oldestAt: null });
      expect(await store.recent(10)).toHaveLength(5);
      await store.settle([]);
    },
  ],
  [
    'gives what one forwarder took to another only when it is overdue',
    async (store, tools) => {
      const other = await tools.another();
      const ids = await putAll(store, trades(3));
      expect(idsOf(await store.take('a', 2, 0, never))).toEqual(ids.slice(0, 2));
      expect(idsOf(await other.take('b', 10, 0, never))).toEqual(ids.slice(2));
      await other.settle(ids.slice(2));
      const found: string[] = [];
      await tools.until('the trades of a come to b', async () => {
        found.push(...idsOf(await other.take('b', 10, 0, never)));
        return found.length > 0;
      });
      expect(found).toEqual(ids.slice(0, 2));
      await store.settle(ids);
      expect((await other.waiting()).trades).toBe(0);
    },
  ],
  [
    'wakes a forwarder that waits, when another process stores',
    async (store, tools) => {
      const other = await tools.another();
      const taken = store.take('f', 10, 60_000, tools.signal);
      const put = trade();
      await other.put(put);
      expect(await taken).toEqual([stored(put)]);
    },
  ],
  [
    'ends a wait on its signal, with nothing, and loses nothing by it',
    async (store) => {
      const stop = new AbortController();
      const taken = store.take('f', 10, HOUR_MS, stop.signal);
      stop.abort();
      expect(await taken).toEqual([]);
      expect(await store.take('f', 10, HOUR_MS, stop.signal)).toEqual([]);
      const put = trade();
      await store.put(put);
      expect(await store.take('f', 10, 60_000, never)).toEqual([stored(put)]);
    },
  ],
  [
    'keeps trades, order, keys and queue over a restart of its process',
    async (store, tools) => {
      const first = named('k', 'a');
      const ids = await putAll(store, [first, ...trades(3)]);
      await store.take('f', 2, 0, never);
      await store.settle(ids.slice(1, 2));
      const again = await tools.restart();
      expect(idsOf(await again.recent(10))).toEqual(ids.toReversed());
      expect(await again.put(named('k', 'a'))).toEqual({ id: first.id, repeated: true });
      expect((await again.waiting()).trades).toBe(3);
      expect(idsOf(await again.take('f', 10, 0, never))).toEqual([ids[0], ids[2], ids[3]]);
      const last = trade();
      await again.put(last);
      expect((await again.recent(1))[0]!.id).toBe(last.id);
    },
  ],
  [
    'deletes settled trades that were stored before a time, and never one that is not settled',
    async (store) => {
      const all = trades(1_200);
      await Promise.all(all.map((each) => store.put(each)));
      const order = idsOf(await store.recent(2_000)).toReversed();
      const kept = [order[0]!, order[700]!, order.at(-1)!];
      await store.settle(order.filter((id) => !kept.includes(id)));
      expect(await store.prune(0)).toBe(0);
      expect(await store.prune(AT - 86_400_000)).toBe(0);
      // Far in the future, whichever clock the engine goes by.
      expect(await store.prune(AT * 2)).toBe(1_197);
      expect(idsOf(await store.recent(2_000))).toEqual(kept.toReversed());
      expect(await store.get(order[1]!)).toBe(null);
      expect(idsOf(await store.take('f', 10, 0, never))).toEqual(kept);
      await store.settle(kept);
      expect(await store.prune(AT * 2)).toBe(3);
      const next = trade();
      await store.put(next);
      expect(idsOf(await store.recent(10))).toEqual([next.id]);
    },
  ],
  [
    'answers a ping',
    async (store) => {
      await store.ping();
    },
  ],
]);
