import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from 'redis';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { redisAvailable, startRedis } from '../../../test/support/redis-server.ts';
import { systemClock } from '../clock/system.ts';
import { RedisConnection } from './connection.ts';

await describeWith('what Redis answers', { engines: [redisAvailable] }, () => {
  async function connected() {
    const redis = await startRedis({ args: ['--enable-protected-configs', 'yes'] });
    const admin = createClient({ url: redis.url });
    await admin.connect();
    const connection = new RedisConnection({ url: redis.url, clock: systemClock() });
    onTestFinished(async () => {
      await connection.close();
      admin.destroy();
      await redis.dispose();
    });
    const set = () => connection.run('SET', (client) => client.set('k', 'v'));
    return { admin, connection, set };
  }

  test('memory that is used up is not an address that cannot be reached', async () => {
    const { admin, set } = await connected();
    await admin.configSet('maxmemory', '1');
    await expect(set()).rejects.toMatchObject({
      code: 'redis.full',
      retry: true,
      message: expect.stringMatching(/^Redis at \S+ takes no writes: OOM .*give it memory \(maxmemory\)/),
    });
  });

  test('nor is a disk on which it cannot save', async () => {
    const { admin, set } = await connected();
    const { dir } = await admin.configGet('dir');
    await mkdir(join(dir!, 'taken'));
    await admin.configSet({ save: '3600 1', dbfilename: 'taken' });
    await admin.sendCommand(['BGSAVE']);
    await expect.poll(() => admin.info('persistence'), { timeout: 10_000 }).toContain('rdb_last_bgsave_status:err');
    await expect(set()).rejects.toMatchObject({ code: 'redis.full', message: expect.stringContaining('MISCONF') });
  });

  test('nor a replica', async () => {
    const { admin, set } = await connected();
    await admin.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await expect(set()).rejects.toMatchObject({
      code: 'redis.busy',
      message: expect.stringMatching(/answers, but does not do SET now: READONLY/),
    });
  });

  test.each`
    kind                       | run                             | advice
    ${'a key of another type'} | ${['LPUSH', 'k', 'v']}          | ${/WRONGTYPE .*; something else has a key of that name/}
    ${'a command it lacks'}    | ${['NOSUCHCOMMAND']}            | ${/unknown command .*; Pulse needs Redis 6\.2 or later$/}
    ${'a wrong argument'}      | ${['SETRANGE', 'k', '-1', 'v']} | ${/offset is out of range$/}
  `('$kind is not told as wrong credentials', async ({ run, advice }) => {
    const { connection, set } = await connected();
    await set();
    await expect(connection.run(run[0], (client) => client.sendCommand(run))).rejects.toMatchObject({
      code: 'redis.refused',
      message: expect.stringMatching(advice),
    });
  });
});
