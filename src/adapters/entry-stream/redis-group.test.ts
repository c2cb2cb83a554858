import { createClient } from 'redis';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { redisAvailable, startRedis } from '../../../test/support/redis-server.ts';
import { systemClock } from '../clock/system.ts';
import { redisEntryStream } from './redis.ts';

await describeWith('a group on Redis', { engines: [redisAvailable] }, () => {
  test('is made anew when its stream was deleted, which took the group along', async () => {
    const redis = await startRedis();
    const streams = redisEntryStream({ url: redis.url, clock: systemClock() });
    const client = await createClient({ url: redis.url }).connect();
    onTestFinished(async () => {
      client.destroy();
      await streams.close();
      await redis.dispose();
    });
    const reader = { stream: 's', group: 'g', consumer: 'c' };
    const { signal } = new AbortController();
    const read = async (): Promise<string[]> =>
      (await streams.readGroup(reader, 10, 0, signal)).entries.map(({ fields }) => fields.n!.toString());
    await streams.append([{ stream: 's', fields: { n: '1' } }]);
    expect(await read()).toEqual(['1']);
    await client.del('s');
    expect(await read()).toEqual([]);
    await client.del('s');
    await streams.append([{ stream: 's', fields: { n: '2' } }]);
    expect(await read()).toEqual(['2']);
    await client.del('s');
    expect((await streams.claim(reader, 0, 10)).entries).toEqual([]);
  });

  test('whose server becomes a replica while it waits can be read again later', async () => {
    const redis = await startRedis();
    const streams = redisEntryStream({ url: redis.url, clock: systemClock() });
    const client = await createClient({ url: redis.url }).connect();
    onTestFinished(async () => {
      client.destroy();
      await streams.close();
      await redis.dispose();
    });
    const reader = { stream: 's', group: 'g', consumer: 'c' };
    const { signal } = new AbortController();
    const read = expect(streams.readGroup(reader, 10, 60_000, signal)).rejects.toMatchObject({
      code: 'redis.busy',
      message: expect.stringContaining('UNBLOCKED'),
      retry: true,
    });
    const waits = async (): Promise<boolean> => /blocked_clients:1/.test(await client.info('clients'));
    await expect.poll(waits, { timeout: 10_000 }).toBe(true);
    await client.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await read;
    await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await streams.append([{ stream: 's', fields: { n: '1' } }]);
    expect((await streams.readGroup(reader, 10, 0, signal)).entries).toHaveLength(1);
  });
});
