import { createClient } from 'redis';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../../test/support/redis-server.ts';
import type { NewTrade, TradeStore } from '../../ports/trade-store.ts';
import { systemClock } from '../clock/system.ts';
import { redisTradeStore } from './redis.ts';

const clock = systemClock();
const { signal } = new AbortController();
const idOf = (n: number): string => `01983f2a-7c00-7000-8000-${String(n).padStart(12, '0')}`;
const trade = (n: number, key: string | null = null): NewTrade => ({
  id: idOf(n),
  payload: `{"n":${n}}`,
  at: 1_753_000_000_000 + n,
  by: 'desk',
  idempotency: key === null ? null : { key, digest: 'a'.repeat(64) },
});

async function started(args: readonly string[] = []): Promise<{ redis: RedisServer; store: TradeStore }> {
  const redis = await startRedis({ args });
  const store = redisTradeStore({ url: redis.url, clock });
  onTestFinished(async () => {
    await store.close();
    await redis.dispose();
  });
  return { redis, store };
}

async function command(url: string, args: readonly string[]): Promise<unknown> {
  const client = await createClient({ url, RESP: 2 }).connect();
  try {
    return await client.sendCommand([...args]);
  } finally {
    client.destroy();
  }
}

/** Puts until it is stored, as its caller would. */
async function putAnyhow(store: TradeStore, each: NewTrade): Promise<void> {
  for (;;) {
    try {
      await store.put(each);
      return;
    } catch (error) {
      // A server that was just started may answer before it has loaded its data.
      expect(error).toMatchObject({ code: expect.stringMatching(/^redis\.(unavailable|busy)$/), retry: true });
      await clock.sleep(20);
    }
  }
}

const taken = async (store: TradeStore, max: number): Promise<string[]> =>
  (await store.take('f', max, 0, signal)).map(({ id }) => id);

await describeWith('trades on Redis', { engines: [redisAvailable] }, () => {
  test.each([
    'stop',
    'kill',
  ] as const)('a server that is restarted (%s) while trades are put has each of them once, in the queue too', {
    timeout: 120_000,
  }, async (end) => {
    // With `everysec` a server that is killed may lose a second of what it acknowledged. The delay (µs a key) has it answer LOADING for a while.
    const { redis, store } = await started(['--appendfsync', 'always', '--key-load-delay', '100']);
    let [next, over] = [0, false];
    const putting = Array.from({ length: 16 }, async () => {
      while (!over) {
        next += 1;
        await putAnyhow(store, trade(next, `key ${next}`));
      }
    });
    for (let round = 0; round < 3; round += 1) {
      const until = next + 500;
      await expect.poll(() => next, { timeout: 30_000 }).toBeGreaterThan(until);
      await redis[end]();
      await redis.start();
    }
    over = true;
    await Promise.all(putting);
    const ids = Array.from({ length: next }, (_, i) => idOf(i + 1));
    expect((await store.recent(next + 10)).map(({ id }) => id).sort()).toEqual(ids);
    expect((await taken(store, next + 10)).sort()).toEqual(ids);
  });

  test('a queue whose group is gone begins anew with what is not settled', async () => {
    const { redis, store } = await started();
    for (const n of [1, 2, 3]) await store.put(trade(n));
    expect(await taken(store, 2)).toEqual([idOf(1), idOf(2)]);
    await store.settle([idOf(1)]);
    await command(redis.url, ['XGROUP', 'DESTROY', 'mcp2:trades:queue', 'forwarders']);
    expect(await taken(store, 10)).toEqual([idOf(2), idOf(3)]);
    expect((await store.waiting()).trades).toBe(2);
  });

  test('a forwarder that waits survives that its group, or the queue, is deleted', async () => {
    const { redis, store } = await started();
    for (const gone of [
      ['XGROUP', 'DESTROY', 'mcp2:trades:queue', 'forwarders'],
      ['DEL', 'mcp2:trades:queue'],
    ]) {
      const waits = store.take('f', 10, 60_000, signal);
      const isBlocked = async () => /blocked_clients:1/.test(String(await command(redis.url, ['INFO', 'clients'])));
      await expect.poll(isBlocked, { timeout: 10_000 }).toBe(true);
      await command(redis.url, gone);
      expect(await waits).toEqual([]);
    }
    await store.put(trade(1));
    expect(await taken(store, 10)).toEqual([idOf(1)]);
  });

  test('a trade that somebody deleted leaves the queue', async () => {
    const { redis, store } = await started();
    for (const n of [1, 2]) await store.put(trade(n));
    await command(redis.url, ['DEL', `mcp2:trade:${idOf(1)}`]);
    expect(await taken(store, 10)).toEqual([idOf(2)]);
    expect((await store.waiting()).trades).toBe(1);
  });

  test('forwarders that do not come back are forgotten, but none that holds a trade', async () => {
    const { redis, store } = await started();
    const hasty = redisTradeStore({ url: redis.url, clock, forgetMs: 0 });
    onTestFinished(() => hasty.close());
    await hasty.prune(0);
    await store.put(trade(1));
    for (const name of ['holds', 'idle']) await store.take(name, 10, 0, signal);
    const names = async (): Promise<string[]> => {
      const consumers = await command(redis.url, ['XINFO', 'CONSUMERS', 'mcp2:trades:queue', 'forwarders']);
      return (consumers as unknown[][]).map((facts) => String(facts[1]));
    };
    await store.prune(0);
    expect(await names()).toEqual(['holds', 'idle']);
    await hasty.prune(0);
    expect(await names()).toEqual(['holds']);
    expect((await store.waiting()).trades).toBe(1);
  });

  test('an idempotency key is forgotten after a day', async () => {
    const { redis, store } = await started();
    await store.put(trade(1, 'k'));
    const [key] = (await command(redis.url, ['KEYS', 'mcp2:idempotency:*'])) as string[];
    const ms = Number(await command(redis.url, ['PTTL', key!]));
    expect(ms).toBeGreaterThan(86_400_000 - 60_000);
    expect(ms).toBeLessThanOrEqual(86_400_000);
  });

  test('a server that takes no writes refuses a trade whole', async () => {
    const { redis, store } = await started();
    await command(redis.url, ['CONFIG', 'SET', 'maxmemory', '1']);
    await expect(store.put(trade(1, 'k'))).rejects.toMatchObject({ code: 'redis.full' });
    await command(redis.url, ['CONFIG', 'SET', 'maxmemory', '0']);
    expect(await command(redis.url, ['DBSIZE'])).toBe(0);
    await command(redis.url, ['SET', 'mcp2:trades:queue', 'no stream']);
    await expect(store.put(trade(1, 'k'))).rejects.toMatchObject({ code: 'redis.refused' });
    expect(await store.get(idOf(1))).toBe(null);
  });
});
