import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { redisEntryStream } from '../../src/adapters/entry-stream/redis.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import { sharedKafka } from './kafka-shared.ts';
import { addressesOf, trendTrade } from './mcp2-desk.ts';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';
import { ServiceProcess } from './service-process.ts';

const clock = systemClock();
export const KEYS = { desk: 'a-key-of-some-length', reader: 'another-key-of-some-length' };
const MCP2_API_KEY = `desk:read+write+llm:${KEYS.desk},reader:read:${KEYS.reader}`;
/** Of this run: the broker is shared. */
const topic = `mcp2.enriched_trades.${clock.now()}`;

type Env = Readonly<Record<string, string>>;

/** mcp2 as it is started, beside the enrichment, and its engines. */
export interface Mcp2Engines {
  readonly address: string;
  /** Of the trades that it forwards. */
  readonly topic: string;
  /** With which a command works on the same engines. */
  readonly env: Env;
  readonly streams: EntryStream;
  readonly log: RecordLog;
  /** Starts one more mcp2 over the same engines; null where they belong to one process. Resolves with its address. */
  readonly startAnother: (() => Promise<string>) | null;
  dispose(): Promise<void>;
}

/** All in one process, as on a laptop. */
export async function embeddedMcp2(settings: Env = {}): Promise<Mcp2Engines> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-mcp2-'));
  const env = { PULSE_DATA_DIR: folder };
  const up = new ServiceProcess(['up', '--feed', 'none'], {
    ...env,
    MCP2_PORT: '0',
    MCP2_API_KEY,
    MCP2_TRADES_TOPIC: topic,
    ...settings,
  });
  const [, address = ''] = await addressesOf(up, 2);
  const streams = lmdbEntryStream({ path: join(folder, 'streams'), clock });
  const log = lmdbRecordLog({ path: join(folder, 'log'), clock });
  return {
    address,
    topic,
    env,
    streams,
    log,
    startAnother: null,
    async dispose() {
      await up.end('SIGTERM');
      await streams.close();
      await log.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Two services beside servers, as in production. */
export async function realMcp2(settings: Env = {}): Promise<Mcp2Engines> {
  const [redis, postgres, kafka] = [await startRedis(), await startPostgres(), await sharedKafka()];
  const folder = await mkdtemp(join(tmpdir(), 'pulse-mcp2-'));
  const env = {
    PULSE_DATA_DIR: folder,
    REDIS_URL: redis.url,
    PG_DSN: postgres.dsn,
    KAFKA_BOOTSTRAP_SERVERS: kafka,
    OVERSEER_TOPIC: `${topic}.events`,
    KAFKA_ANALYSIS_TOPIC: `${topic}.analyses`,
  };
  const started: ServiceProcess[] = [];
  const startOne = async (): Promise<string> => {
    const mcp2 = new ServiceProcess(['mcp2'], {
      ...env,
      MCP2_PORT: '0',
      MCP2_API_KEY,
      MCP2_TRADES_TOPIC: topic,
      ...settings,
    });
    started.push(mcp2);
    const [address = ''] = await addressesOf(mcp2, 1);
    return address;
  };
  const enrichment = new ServiceProcess(['enrichment'], env);
  started.push(enrichment);
  const [address] = await Promise.all([startOne(), enrichment.start()]);
  const streams = redisEntryStream({ url: redis.url, clock });
  const log = kafkaRecordLog({ brokers: [kafka], clientId: 'test', clock });
  return {
    address,
    topic,
    env,
    streams,
    log,
    startAnother: startOne,
    async dispose() {
      await Promise.all(started.map((service) => service.end('SIGTERM')));
      await Promise.all([streams.close(), log.close(), redis.dispose(), postgres.dispose()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** When the tape begins, in seconds. */
export const START = 1_772_460_000;
export const MINUTES = 12;

/** Ticks of some minutes of a rising market, and the bars of the incumbent. */
export async function writeTape(streams: EntryStream): Promise<void> {
  const ticks = Array.from({ length: MINUTES * 6 }, (_, i) => ({
    stream: 'v2:ticks:l1',
    fields: { j: JSON.stringify({ symbol: 'EURUSD', ts: START + i * 10, price: 1.08 + i * 0.0001, volume: 1 }) },
  }));
  const bars = Array.from({ length: MINUTES }, (_, i) => ({
    stream: 'stream:bar:1m:EURUSD',
    fields: {
      ts: String(START + i * 60),
      open: '1.08',
      high: '1.0812',
      low: '1.0799',
      close: String(1.08 + i * 0.0001),
      volume: '6',
      n: '6',
    },
  }));
  await streams.append([...ticks, ...bars, { stream: 'v2:ticks:EURUSD', fields: ticks[0]!.fields }]);
  await streams.append([
    { stream: 'setups', fields: { payload: JSON.stringify(trendTrade()) } },
    { stream: 'setups:bare', fields: { note: 'no payload here' } },
  ]);
}
