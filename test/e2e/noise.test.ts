import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { Shell } from '../support/command-line.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { sharedKafka } from '../support/kafka-shared.ts';
import { describeWith } from '../support/needs.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { tickSet } from '../support/tick-sets.ts';

const clock = systemClock();

await describeWith('the noise floor', { ticks: true, engines: [redisAvailable, kafkaAvailable] }, () => {
  test('an incumbent and a second incumbent on the same ticks agree on every bar', { timeout: 120_000 }, async () => {
    const redis = await startRedis();
    const folder = await mkdtemp(join(tmpdir(), 'pulse-noise-'));
    const env = { REDIS_URL: redis.url, KAFKA_BOOTSTRAP_SERVERS: await sharedKafka(), BARS_IDLE_CLOSE_MS: '1000' };
    const service = (words: readonly string[], name: string): ServiceProcess =>
      new ServiceProcess(words, { ...env, PULSE_DATA_DIR: join(folder, name) });
    const first = service(['bars', '--source', 'redis'], 'first');
    const second = service(['bars', '--source', 'redis', '--noise'], 'second');
    const shell = await Shell.open(env);
    onTestFinished(async () => {
      await Promise.all([first.end('SIGKILL'), second.end('SIGKILL')]);
      await shell.close();
      await redis.dispose();
      await rm(folder, { recursive: true });
    });
    await Promise.all([first.start(/gap\.opened/), second.start(/gap\.opened/)]);
    const { ticks } = tickSet('USDJPY.truefx.2013-01-01');
    expect((await shell.run(['feed', 'replay', ticks, '--speed', 'max', '--port', '0'])).code).toBe(0);

    const interval = ['--symbol', 'USDJPY', '--from', '2013-01-01T00:00Z', '--to', '2013-01-02T00:00Z'];
    let found = { code: -1, out: '', err: '' };
    for (let attempt = 0; attempt < 60 && !found.out.includes('"agreeing": 34'); attempt += 1) {
      await clock.sleep(500);
      found = await shell.run(['reconcile', '--noise', ...interval, '--format', 'json']);
    }
    expect(JSON.parse(found.out).reports.at(-1)).toMatchObject({
      expected: 34,
      agreeing: 34,
      parity: 100,
      mismatches: [],
    });
    expect(found.code).toBe(0);
  });
});
