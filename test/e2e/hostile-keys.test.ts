import { createClient } from 'redis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { redisEntryStream } from '../../src/adapters/entry-stream/redis.ts';
import { redisKeyValue } from '../../src/adapters/key-value/redis.ts';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';
import { incumbentSide } from '../../src/services/reconcile/incumbent-side.ts';
import { describeWith } from '../support/needs.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { ServiceProcess } from '../support/service-process.ts';

const clock = systemClock();

async function engine() {
  const redis = await startRedis();
  const options = { url: redis.url, clock };
  const [streams, keys, pubsub] = [redisEntryStream(options), redisKeyValue(options), redisPubSub(options)];
  const client = createClient({ url: redis.url });
  await client.connect();
  onTestFinished(async () => {
    await client.close();
    await Promise.all([streams.close(), keys.close(), pubsub.close()]);
    await redis.dispose();
  });
  return { redis, streams, keys, pubsub, client };
}

await describeWith('keys of another type than Pulse keeps there', { engines: [redisAvailable] }, () => {
  test('an append names the streams that could not be written, and writes the others', async () => {
    const { streams, client } = await engine();
    await client.set('stream:bar:1m:EURUSD', 'not a stream');
    const entry = (stream: string) => ({ stream, fields: { j: '{}' } });
    const append = streams.append([
      entry('stream:bar:1m:GBPUSD'),
      entry('stream:bar:1m:EURUSD'),
      entry('stream:bar:1m:DAX'),
    ]);
    await expect(append).rejects.toMatchObject({
      code: 'redis.occupied',
      evidence: { keys: ['stream:bar:1m:EURUSD'] },
    });
    expect(await streams.streams('*')).toEqual(['stream:bar:1m:DAX', 'stream:bar:1m:GBPUSD']);
  });

  test('reading a side of reconcile says which key it is', async () => {
    const { streams, keys, client } = await engine();
    const options = {
      streams: 'stream:bar',
      olderKey: 'bars:<SYMBOL>:1m',
      tickPrefix: 'v2',
      nonPositive: () => false,
    };
    const side = incumbentSide(streams, keys, options);
    await client.set('stream:bar:1m:EURUSD', 'not a stream');
    await expect(side.read('EURUSD')).rejects.toMatchObject({ code: 'redis.occupied' });
    await client.rPush('bars:GBPUSD:1m', '1');
    await expect(side.read('GBPUSD')).rejects.toMatchObject({ code: 'redis.occupied' });
  });

  test('the incumbent goes on with the other symbols, says it once, and counts what it could not write', {
    timeout: 60_000,
  }, async () => {
    const { redis, streams, pubsub, client } = await engine();
    await client.set('stream:bar:1m:EURUSD', 'not a stream');
    const bars = new ServiceProcess(['bars', '--source', 'redis'], {
      REDIS_URL: redis.url,
      BARS_IDLE_CLOSE_MS: '500',
      BARS_GRACE_MS: '100',
    });
    onTestFinished(async () => void (await bars.end('SIGKILL')));
    await bars.start(/gap\.opened/);
    const minute = Math.floor(clock.now() / 60_000) * 60_000 - 60_000;
    for (let round = 0; round < 3; round += 1) {
      const messages = ['EURUSD', 'GBPUSD'].map((symbol) => ({
        channel: `ticks.${symbol}`,
        payload: Buffer.from(JSON.stringify({ symbol, ts: minute + round * 1_000 - 60_000 * (2 - round), price: 1.1 })),
      }));
      await pubsub.publish(messages);
    }
    await vi.waitFor(async () => expect(await streams.newest('stream:bar:1m:GBPUSD', 10)).toHaveLength(3), 30_000);
    await vi.waitFor(() => expect(bars.printed).toContain('"event":"key.occupied"'), 10_000);
    expect(bars.printed.split('"event":"key.occupied"')).toHaveLength(2);
    expect(bars.running).toBe(true);
    expect(await bars.end('SIGTERM')).toBe(0);
  });
});
