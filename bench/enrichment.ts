import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../src/adapters/database/pglite.ts';
import { postgresDatabase } from '../src/adapters/database/postgres.ts';
import { lmdbEntryStream } from '../src/adapters/entry-stream/lmdb.ts';
import { redisEntryStream } from '../src/adapters/entry-stream/redis.ts';
import { prometheusMetrics } from '../src/adapters/metrics/prometheus.ts';
import { seededRandom } from '../src/adapters/random/seeded.ts';
import { lmdbRecordLog } from '../src/adapters/record-log/lmdb.ts';
import { openTickFile } from '../src/adapters/tick-file/tick-file.ts';
import { readConfig } from '../src/app/config/config.ts';
import { makeEnrichment } from '../src/app/wiring/enrichment.ts';
import type { Database } from '../src/ports/database.ts';
import type { EntryStream } from '../src/ports/entry-stream.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { startRedis } from '../test/support/redis-server.ts';
import { tickSet } from '../test/support/tick-sets.ts';
import type { Benchmark, Figures } from './benchmark.ts';

const clock = systemClock();
const SET = 'EURUSD.oanda.2014-05';
const STREAM = 'v2:ticks:l1';

interface Rig {
  readonly streams: EntryStream;
  readonly database: Database;
  readonly dataDir: string;
  readonly redisUrl: string | null;
  dispose(): Promise<void>;
}

async function rig(real: boolean): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pulse-bench-'));
  const redis = real ? await startRedis({ args: ['--save', ''] }) : null;
  const postgres = real ? await startPostgres({ durable: true }) : null;
  const streams =
    redis === null
      ? lmdbEntryStream({ path: join(dataDir, 'streams'), clock })
      : redisEntryStream({ url: redis.url, clock });
  const database =
    postgres === null
      ? await pgliteDatabase({ path: join(dataDir, 'database'), clock })
      : await postgresDatabase({ dsn: postgres.dsn, clock });
  return {
    streams,
    database,
    dataDir,
    redisUrl: redis?.url ?? null,
    async dispose() {
      await streams.close();
      await database.close();
      await redis?.dispose();
      await postgres?.dispose();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function payloads(count: number): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for await (const batch of (await openTickFile(tickSet(SET).ticks)).batches(new AbortController().signal))
    for (const { payload } of batch) if (found.length < count) found.push(payload);
  return found;
}

/** A worker on the rig; `acked` is told the ids of entries whose rows are committed. */
async function worker({ streams, database, dataDir }: Rig, acked: (ids: readonly string[]) => void) {
  const { config } = readConfig('enrichment', { flags: { pgDsn: 'postgres://bench' }, env: {}, file: null });
  const told: EntryStream = Object.assign(Object.create(streams) as EntryStream, {
    ack: async (stream: string, group: string, ids: readonly string[]) => {
      acked(ids);
      await streams.ack(stream, group, ids);
    },
  });
  const log = lmdbRecordLog({ path: join(dataDir, 'log'), clock });
  const service = await makeEnrichment({
    config,
    engines: {
      kind: { redis: 'embedded', log: 'embedded', database: 'embedded' },
      database: async () => database,
      streams: async () => told,
      log: async () => log,
    },
    clock,
    metrics: prometheusMetrics(),
    journals: { of: () => ({ event: () => undefined }) },
    instance: 'bench',
  });
  const stop = new AbortController();
  const running = service.run(stop.signal);
  return {
    async end() {
      stop.abort();
      await running;
      await log.close();
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 300_000) throw new Error('the bench is stuck');
    await clock.sleep(5);
  }
}

/** Quotes of eight symbols that wander, 5,000 a second of their own time: a busy market, with few bars to analyse. */
async function busyMarket(count: number): Promise<{ j: Buffer; symbol: string }[]> {
  const dice = seededRandom('busy market');
  const prices = new Map(Array.from({ length: 8 }, (_, n) => [`SYM${n}`, 1.1 + n]));
  const symbols = [...prices.keys()];
  return Array.from({ length: count }, (_, n) => {
    const symbol = symbols[dice.int(symbols.length)]!;
    const bid = prices.get(symbol)! * (1 + dice.normal() * 2e-6);
    prices.set(symbol, bid);
    const ts = 1_700_000_000 + n / 5_000;
    const text = `{"symbol":"${symbol}","ts":${ts.toFixed(3)},"bid":${bid.toFixed(5)},"ask":${(bid + 1e-4).toFixed(5)}}`;
    return { j: Buffer.from(text), symbol };
  });
}

const recorded = async (count: number) => (await payloads(count)).map((j) => ({ j, symbol: 'EURUSD' }));

const throughput = (real: boolean, busy: boolean): Benchmark => ({
  name: `enrichment-${real ? 'real' : 'embedded'}${busy ? '-busy' : ''}`,
  about: `${busy ? '8 symbols, 5,000 quotes a second of market time,' : `${SET} (27 ticks a bar)`} from ${real ? 'Redis Streams to Postgres' : 'embedded streams to the embedded database'}, with an analysis of each closed bar; every row checked to be there`,
  aims: real ? { 'ticks/s': { least: 50_000 } } : {},
  runs: 3,
  async run(): Promise<Figures> {
    const r = await rig(real);
    const all = await (busy ? busyMarket : recorded)(real ? 532_903 : 100_000);
    for (let i = 0; i < all.length; i += 5_000)
      await r.streams.append(all.slice(i, i + 5_000).map((fields) => ({ stream: STREAM, fields })));
    let done = 0;
    const cpu = process.cpuUsage();
    const service = await worker(r, (ids) => (done += ids.length));
    await until(() => done > 0);
    const [begun, already] = [performance.now(), done];
    await until(() => done === all.length);
    const seconds = (performance.now() - begun) / 1_000;
    const own = process.cpuUsage(cpu);
    await service.end();
    const [{ n } = { n: 0 }] = await r.database.query<{ n: number }>('SELECT count(*)::int4 AS n FROM ticks_enriched');
    const [{ a } = { a: 0 }] = await r.database.query<{ a: number }>('SELECT count(*)::int4 AS a FROM analyses');
    await r.dispose();
    if (n !== all.length) throw new Error(`${all.length} ticks were appended, ${n} rows are there`);
    return {
      'ticks/s': (all.length - already) / seconds,
      'µs of its own processor time a tick': (own.user + own.system) / all.length,
      analyses: a,
    };
  },
});

const appender = fileURLToPath(new URL('./append.ts', import.meta.url));

const latency: Benchmark = {
  name: 'enrichment-latency',
  about: 'Redis Streams to Postgres at 5,000 ticks/s for 20 s: from XADD to the committed row',
  aims: {},
  runs: 3,
  async run(): Promise<Figures> {
    const r = await rig(true);
    const waits: number[] = [];
    const service = await worker(r, (ids) => {
      const now = performance.timeOrigin + performance.now();
      for (const id of ids) waits.push(now - Number(id.split('-')[0]));
    });
    const child = spawn(process.execPath, [appender, r.redisUrl!, STREAM, '5000', '20'], { stdio: 'inherit' });
    await new Promise((resolve) => child.once('exit', resolve));
    await clock.sleep(1_000);
    await service.end();
    await r.dispose();
    const sorted = waits.slice(10_000).sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)]!;
    return { 'ticks measured': sorted.length, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'p99.9 ms': at(0.999) };
  },
};

export const enrichment: readonly Benchmark[] = [
  throughput(false, false),
  throughput(true, false),
  throughput(true, true),
  latency,
];
