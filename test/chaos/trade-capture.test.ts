import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { redisTradeStore } from '../../src/adapters/trade-store/redis.ts';
import { strategyPayload } from '../../src/domain/trade/strategy-payload.ts';
import type { Caller } from '../../src/ports/caller.ts';
import type { LogRecord } from '../../src/ports/record-log.ts';
import { trades } from '../../src/services/desk/trades/trades.ts';
import { readAll } from '../contract/record-log/reading.ts';
import { kafkaAvailable, startKafka } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';

/** When faults happen. A failure names it: set it to have the same again. */
const SEED = process.env.PULSE_CHAOS_SEED ?? '1';
const KILLS = 20;
const CALLERS = 8;
const TOPIC = 'mcp2.enriched_trades';
const FORWARDER = fileURLToPath(new URL('../support/trade-forwarder.ts', import.meta.url));
const clock = systemClock();
const desk: Caller = { name: 'desk', scopes: ['write'] };

async function forwarder(...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [FORWARDER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  expect(child.kill('SIGKILL')).toBe(true);
  await exit;
}

/** The text of the payload within a record's value. */
const payloadOf = ({ value }: LogRecord): string => /,"payload":(.*)\}$/s.exec(value!.toString())![1]!;

await describeWith(
  `trade capture on Redis and Kafka (PULSE_CHAOS_SEED=${SEED})`,
  { engines: [redisAvailable, kafkaAvailable] },
  () => {
    test('a forwarder killed at 20 points, Kafka and Redis stopped and killed: every acknowledged trade is on the topic, in order, and no other', {
      timeout: 600_000,
    }, async () => {
      const dice = seededRandom(SEED);
      // A server that is killed must have what it acknowledged: everysec could lose a second of it.
      const redis = await startRedis({ args: ['--appendfsync', 'always'] });
      onTestFinished(() => redis.dispose());
      const kafka = await startKafka();
      onTestFinished(() => kafka.dispose());
      const store = redisTradeStore({ url: redis.url, clock });
      onTestFinished(() => store.close());
      const metrics = prometheusMetrics({ process: false });
      const capture = trades({ store, clock, random: dice.fork('ids'), metrics });

      let [sent, over] = [0, false];
      const put = new Set<string>();
      const acknowledged = new Map<string, string>();
      const putting = Array.from({ length: CALLERS }, async (_, caller) => {
        while (!over) {
          sent += 1;
          const payload = strategyPayload.parse({
            strategy: `breakout 🙂 ${caller}`,
            timestamp: clock.now(),
            market: { symbol: 'EURUSD', timeframe: '5m' },
            n: sent,
          });
          const text = JSON.stringify(payload);
          put.add(text);
          try {
            const { id } = await capture.log(payload, desk, caller % 2 === 0 ? `order-${sent}` : null);
            acknowledged.set(id, text);
          } catch (error) {
            // Nothing was promised to its caller.
            expect(error).toMatchObject({ code: expect.stringMatching(/^redis\.(unavailable|busy)$/) });
          }
          await clock.sleep(5);
        }
      });

      const faults: Record<number, () => Promise<void>> = {
        4: async () => {
          await kafka.stop();
          await clock.sleep(2_000);
          await kafka.start();
        },
        8: async () => {
          await redis.kill();
          await redis.start();
        },
        12: async () => {
          await kafka.kill();
          await kafka.start();
        },
        16: async () => {
          await redis.stop();
          await redis.start();
        },
      };
      const happening: Promise<void>[] = [];
      const start = (): Promise<ChildProcess> => forwarder(redis.url, kafka.bootstrap, TOPIC);
      let child = await start();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const fault = faults[kill];
        if (fault !== undefined) happening.push(fault());
        await clock.sleep(50 + dice.int(1_200));
        await killed(child);
        child = await start();
      }
      await Promise.all(happening);
      over = true;
      await Promise.all(putting);
      await expect.poll(async () => (await store.waiting()).trades, { timeout: 120_000, interval: 100 }).toBe(0);
      await killed(child);

      const log = kafkaRecordLog({ brokers: [kafka.bootstrap], clientId: 'reader', clock });
      onTestFinished(() => log.close());
      const records = await readAll(log, TOPIC);
      const first = new Map<string, LogRecord>();
      for (const record of records) {
        const known = first.get(record.key!);
        if (known === undefined) first.set(record.key!, record);
        else expect(record.value!.equals(known.value!)).toBe(true);
      }
      expect(acknowledged.size).toBeGreaterThan(1_000);
      expect([...acknowledged].filter(([id, text]) => !first.has(id) || payloadOf(first.get(id)!) !== text)).toEqual(
        [],
      );
      expect([...first.values()].map(payloadOf).filter((text) => !put.has(text))).toEqual([]);
      const stored = (await store.recent(2 * sent)).map(({ id }) => id).toReversed();
      expect([...first.keys()]).toEqual(stored);
      expect(new Set([...first.values()].map(payloadOf)).size).toBe(first.size);
    });
  },
);
