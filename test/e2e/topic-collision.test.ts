import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { REJECTED_TOPIC } from '../../src/domain/tape/rejected.ts';
import type { LogRecord } from '../../src/ports/record-log.ts';
import { kafkaAvailable, startKafka } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { readPartition } from '../support/read-partition.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { ServiceProcess } from '../support/service-process.ts';

const clock = systemClock();

async function engines() {
  const [redis, kafka] = await Promise.all([
    startRedis(),
    startKafka({ settings: { 'auto.create.topics.enable': 'false' } }),
  ]);
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-collision-'));
  const pubsub = redisPubSub({ url: redis.url, clock });
  const log = kafkaRecordLog({ brokers: [kafka.bootstrap], clientId: 'test', clock });
  const env = { REDIS_URL: redis.url, KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap, PULSE_DATA_DIR: dataDir };
  const mirror = new ServiceProcess(['mirror'], env);
  onTestFinished(async () => {
    await mirror.end('SIGKILL');
    await Promise.all([pubsub.close(), log.close()]);
    await Promise.all([redis.dispose(), kafka.dispose()]);
    await rm(dataDir, { recursive: true, force: true });
  });
  const publish = async (channel: string, payload: string | Buffer): Promise<string> => {
    await pubsub.publish([{ channel, payload: Buffer.from(payload) }]);
    return String(payload);
  };
  const tick = (symbol: string, price: number): Promise<string> =>
    publish(`ticks.${symbol}`, JSON.stringify({ symbol, ts: clock.now(), price, volume: 1 }));
  const all = (topic: string): Promise<LogRecord[]> => readPartition(log, topic, 0, 0, 10_000);
  const payloads = async (topic: string): Promise<string[]> => (await all(topic)).map(({ value }) => String(value));
  const inLog = (topic: string, wanted: readonly string[]) =>
    vi.waitFor(async () => expect(await payloads(topic)).toEqual(wanted), 20_000);
  const start = (): Promise<void> => mirror.start(/"event":"gap\.opened"/);
  return { mirror, start, publish, tick, all, inLog };
}

await describeWith('a symbol whose topic collides with another', { engines: [redisAvailable, kafkaAvailable] }, () => {
  test('its ticks go to ticks.rejected with both names, the others go on, and so does a restart', {
    timeout: 120_000,
  }, async () => {
    const { mirror, start, tick, all, inLog } = await engines();
    await start();
    const [brk, eurusd] = [[await tick('BRK.B', 400)], [await tick('EURUSD', 1.1)]];
    const refused = [await tick('BRK_B', 401)];
    eurusd.push(await tick('EURUSD', 1.2));
    await inLog('ticks.BRK.B', brk);
    await inLog('ticks.EURUSD', eurusd);
    await inLog(REJECTED_TOPIC, refused);
    const [letter] = await all(REJECTED_TOPIC);
    const header = (name: string): string => String(letter!.headers.get(name));
    expect([header('reason'), header('source'), header('symbol')]).toEqual([
      'tick.topic.refused',
      'ticks.BRK_B',
      'BRK_B',
    ]);
    for (const topic of ['ticks.BRK_B', 'ticks.BRK.B']) expect(header('message')).toContain(topic);
    expect(mirror.running).toBe(true);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const code = await mirror.end(signal);
      expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
      await start();
      refused.push(await tick('BRK_B', 402));
      brk.push(await tick('BRK.B', 403));
      eurusd.push(await tick('EURUSD', 1.3));
      await inLog('ticks.BRK.B', brk);
      await inLog('ticks.EURUSD', eurusd);
      await inLog(REJECTED_TOPIC, refused);
      expect(mirror.running).toBe(true);
    }
  });
});

await describeWith('a hostile publisher', { engines: [redisAvailable, kafkaAvailable] }, () => {
  test('the mirror lives, and its ticks are all there', { timeout: 180_000 }, async () => {
    const { mirror, start, publish, tick, inLog } = await engines();
    await start();
    const eurusd = [await tick('EURUSD', 1.1)];
    const channels = [
      'ticks.',
      'ticks.rejected',
      'ticks.EURUSD.dlq',
      'ticks...',
      'ticks.__proto__',
      'ticks.constructor',
      `ticks.${'L'.repeat(100)}`,
      `ticks.${'L'.repeat(101)}`,
      `ticks.${'x'.repeat(2_000_000)}`,
      'ticks. \u0000\u2028"\\',
      'ticks.EURUSD/0@1',
      'ticks.A.B_C',
      'ticks.A_B.C',
      'ticks.A.B.C',
    ];
    const contents = ['', 'not JSON', '{}', '[]', 'null', '\u0000', '{"ts":1e400,"price":-0}', 'x'.repeat(2_000_000)];
    for (const channel of channels) for (const payload of contents) await publish(channel, payload);
    await publish('ticks.EURUSD', Buffer.from([0xff, 0xfe, 0x00])).then(() => undefined);
    eurusd.push('\ufffd\ufffd\u0000');
    for (let i = 0; i < 1_500; i += 1) await tick(`N${i}`, 1 + i);
    eurusd.push(await tick('EURUSD', 1.2));
    await inLog('ticks.EURUSD', eurusd);
    await inLog('ticks.N1499', [expect.stringContaining('"symbol":"N1499"') as unknown as string]);
    expect(mirror.running).toBe(true);
    expect(await mirror.end('SIGTERM')).toBe(0);
  });
});
