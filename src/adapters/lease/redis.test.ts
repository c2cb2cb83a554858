import { createClient } from 'redis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type RedisServer, redisAvailable, startRedis } from '../../../test/support/redis-server.ts';
import type { Lease } from '../../ports/lease.ts';
import { systemClock } from '../clock/system.ts';
import { redisLease } from './redis.ts';

const NAME = 'ticks.*';
const TERMS = { ttlMs: 60_000, floor: 0 };
/** What the message tells an operator to give a mirror. */
const RIGHTS = '+eval +evalsha +hmget +hset +get +set +del +pttl +pexpire +time ~pulse:lease:*'.split(' ');
const why = await redisAvailable();

async function server(): Promise<RedisServer> {
  const redis = await startRedis();
  onTestFinished(() => redis.dispose());
  return redis;
}

function leaseAt(url: string): Lease {
  const lease = redisLease({ url, clock: systemClock() });
  onTestFinished(() => lease.close());
  return lease;
}

async function command(redis: RedisServer, ...args: string[]): Promise<unknown> {
  const client = await createClient({ url: redis.url }).connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}

async function asUser(...rights: string[]): Promise<Lease> {
  const redis = await server();
  await command(redis, 'ACL', 'SETUSER', 'mirror', 'on', '>secret', ...rights);
  return leaseAt(redis.url.replace('redis://', 'redis://mirror:secret@'));
}

describe.skipIf(why !== null)(why === null ? 'a lease on Redis' : `skipped, because ${why}`, () => {
  test('needs the rights that it names, and no more', async () => {
    const lease = await asUser(...RIGHTS);
    const taken = await lease.acquire(NAME, 'a', TERMS);
    const epoch = 'epoch' in taken ? taken.epoch : 0;
    expect(await lease.renew(NAME, 'a', epoch, { ttlMs: 60_000, note: 'fine' })).toBe(true);
    expect(await lease.renew(NAME, 'a', epoch, { ttlMs: 60_000, note: null })).toBe(true);
    expect(await lease.current(NAME)).toMatchObject({ holder: 'a', epoch });
    await lease.release(NAME, 'a', epoch);
    expect(await lease.current(NAME)).toBeNull();
  });

  test.each(
    RIGHTS.filter((right) => right !== '+evalsha'),
  )('without %s it is refused, and says what it needs', async (missing) => {
    const lease = await asUser(...RIGHTS.filter((right) => right !== missing));
    await expect(lease.acquire(NAME, 'a', TERMS)).rejects.toMatchObject({
      code: 'redis.refused',
      message: expect.stringContaining(`(needed: ${RIGHTS.join(' ')})`),
    });
  });

  test('a server that forgot everything gives no epoch twice, though nothing was written under the last one', async () => {
    const redis = await server();
    const lease = leaseAt(redis.url);
    const epochs: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const taken = await lease.acquire(NAME, `holder ${i}`, TERMS);
      epochs.push('epoch' in taken ? taken.epoch : 0);
      await command(redis, 'FLUSHALL');
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
  });

  test('a lease that lost its end is nobody’s', async () => {
    const redis = await server();
    const lease = leaseAt(redis.url);
    await lease.acquire(NAME, 'a', TERMS);
    await command(redis, 'PERSIST', 'pulse:lease:{ticks.*}');
    expect(await lease.current(NAME)).toBeNull();
    expect(await lease.acquire(NAME, 'b', TERMS)).toHaveProperty('epoch');
  });

  test('a server that stands still makes a renewal fail well before the lease ends', async () => {
    const redis = await server();
    const lease = leaseAt(redis.url);
    const taken = await lease.acquire(NAME, 'a', { ttlMs: 3_000, floor: 0 });
    redis.pause();
    const begun = performance.now();
    const renewal = lease.renew(NAME, 'a', 'epoch' in taken ? taken.epoch : 0, { ttlMs: 3_000, note: null });
    await expect(renewal).rejects.toMatchObject({ code: 'redis.unavailable' });
    expect(performance.now() - begun).toBeLessThan(1_500);
    redis.resume();
  });
});
