import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { sharedKafka } from '../support/kafka-shared.ts';
import { addressesOf, Mcp2Desk, trendTrade } from '../support/mcp2-desk.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { readPartition } from '../support/read-partition.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { ServiceProcess } from '../support/service-process.ts';

const clock = systemClock();
const SEED = process.env.PULSE_CHAOS_SEED ?? 'mcp2 kills';
const KILLS = 8;
const WRITERS = 16;

interface Killed {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of how many addresses that are told the last one is that of mcp2. */
  readonly addresses: number;
  openLog(): Promise<RecordLog>;
}

/** What the writers of a run were told. */
interface Told {
  /** Id to number of the payload: answered with 200. */
  readonly acknowledged: Map<string, number>;
  sent: number;
}

/** Posts trades one after another until the server is gone. */
async function write(desk: Mcp2Desk, told: Told): Promise<void> {
  for (;;) {
    const number = (told.sent += 1);
    try {
      const { status, body } = await desk.post('/log_enriched_trade', trendTrade({ number }), {
        'idempotency-key': `order-${number}`,
      });
      if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
      told.acknowledged.set(body.id, number);
    } catch (error) {
      // Cut off in the middle of a request: nothing was promised.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

async function forwarded(log: RecordLog, topic: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { partition, earliest, end } of await log.ranges([topic]))
    for (let from = earliest; from < end; ) {
      const page = await readPartition(log, topic, partition, from, 2_000);
      if (page.length === 0) break;
      for (const { value, offset } of page) {
        const { id, payload } = JSON.parse(String(value)) as { id: string; payload: { number: number } };
        // A record that comes twice must be the same.
        expect(found.get(id) ?? payload.number).toBe(payload.number);
        found.set(id, payload.number);
        from = offset + 1;
      }
    }
  return found;
}

async function killAndCount({ words, env, addresses, openLog }: Killed): Promise<void> {
  const dice = seededRandom(SEED);
  const topic = `mcp2.kills.${clock.now()}`;
  const told: Told = { acknowledged: new Map(), sent: 0 };
  const service = new ServiceProcess(words, {
    ...env,
    MCP2_PORT: '0',
    MCP2_RATE_LIMIT_PER_MINUTE: '0',
    MCP2_TRADES_TOPIC: topic,
  });
  onTestFinished(async () => void (await service.end('SIGKILL')));
  const started = async (): Promise<Mcp2Desk> => new Mcp2Desk((await addressesOf(service, addresses)).at(-1)!);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const desk = await started();
    const writers = Array.from({ length: WRITERS }, () => write(desk, told));
    // In the middle of it: once some more are acknowledged, however slow the machine is.
    const enough = told.acknowledged.size + WRITERS + dice.int(10 * WRITERS);
    await vi.waitFor(() => expect(told.acknowledged.size).toBeGreaterThan(enough), { timeout: 30_000, interval: 5 });
    await service.end('SIGKILL');
    await Promise.all(writers);
  }
  const desk = await started();
  for (const [id, number] of told.acknowledged) {
    const { status, body } = await desk.get(`/fetch_payload?id=${id}`);
    expect([id, status, body.payload?.number]).toEqual([id, 200, number]);
  }
  const log = await openLog();
  onTestFinished(() => log.close());
  await vi.waitFor(
    async () => {
      const there = await forwarded(log, topic);
      expect([...told.acknowledged.keys()].filter((id) => !there.has(id))).toEqual([]);
      // Nothing that was never sent, and no payload under two ids.
      expect([...there.values()].every((number) => number <= told.sent)).toBe(true);
      expect(new Set(there.values()).size).toBe(there.size);
    },
    { timeout: 60_000, interval: 500 },
  );
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pulse-mcp2-kills-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe('mcp2 killed while trades are written', () => {
  test('loses none that it acknowledged: embedded engines', { timeout: 240_000 }, async () => {
    const path = await folder();
    await killAndCount({
      words: ['up', '--feed', 'none'],
      env: { PULSE_DATA_DIR: path },
      addresses: 2,
      openLog: async () => lmdbRecordLog({ path: join(path, 'log'), clock }),
    });
  });
});

await describeWith(
  'mcp2 killed while trades are written',
  { engines: [redisAvailable, postgresAvailable, kafkaAvailable] },
  () => {
    test('loses none that it acknowledged: Redis, Postgres and Kafka', { timeout: 240_000 }, async () => {
      const [redis, postgres, kafka] = [await startRedis(), await startPostgres(), await sharedKafka()];
      onTestFinished(async () => void (await Promise.all([redis.dispose(), postgres.dispose()])));
      await killAndCount({
        words: ['mcp2'],
        env: {
          PULSE_DATA_DIR: await folder(),
          REDIS_URL: redis.url,
          PG_DSN: postgres.dsn,
          KAFKA_BOOTSTRAP_SERVERS: kafka,
          OVERSEER_TOPIC: `mcp2.kills.events.${clock.now()}`,
        },
        addresses: 1,
        openLog: async () => kafkaRecordLog({ brokers: [kafka], clientId: 'test', clock }),
      });
    });
  },
);
