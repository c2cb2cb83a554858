import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/adapters/clock/system.ts';
import { lmdbLease } from '../src/adapters/lease/lmdb.ts';
import { prometheusMetrics } from '../src/adapters/metrics/prometheus.ts';
import { memoryPubSub } from '../src/adapters/pub-sub/memory.ts';
import { redisPubSub } from '../src/adapters/pub-sub/redis.ts';
import { kafkaRecordLog } from '../src/adapters/record-log/kafka.ts';
import { lmdbRecordLog } from '../src/adapters/record-log/lmdb.ts';
import { openTickFile } from '../src/adapters/tick-file/tick-file.ts';
import { readConfig } from '../src/app/config/config.ts';
import { makeCandidate } from '../src/app/wiring/bars.ts';
import { makeMirror } from '../src/app/wiring/mirror.ts';
import type { PathNeeds } from '../src/app/wiring/path-needs.ts';
import type { PubSub } from '../src/ports/pub-sub.ts';
import type { RecordLog } from '../src/ports/record-log.ts';
import type { Service } from '../src/ports/service.ts';
import { startKafka } from '../test/support/kafka-broker.ts';
import { startRedis } from '../test/support/redis-server.ts';
import { tickSet } from '../test/support/tick-sets.ts';
import type { Benchmark, Figures } from './benchmark.ts';

const clock = systemClock();
const SET = 'EURUSD.oanda.2014-05';
const SYMBOL = 'EURUSD';

interface Rig {
  readonly needs: PathNeeds;
  readonly log: RecordLog;
  readonly pubSub: PubSub;
  readonly redisUrl: string | null;
  dispose(): Promise<void>;
}

async function rig(real: boolean): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pulse-bench-'));
  const redis = real ? await startRedis({ args: ['--save', ''] }) : null;
  const kafka = real ? await startKafka() : null;
  const log =
    kafka === null
      ? lmdbRecordLog({ path: join(dataDir, 'log'), clock })
      : kafkaRecordLog({ brokers: [kafka.bootstrap], clientId: 'bench', clock });
  const lease = lmdbLease({ path: join(dataDir, 'leases'), clock });
  const pubSub = redis === null ? memoryPubSub() : redisPubSub({ url: redis.url, clock });
  const { config } = readConfig('up', { flags: {}, env: {}, file: null });
  const engines = {
    log: async () => log,
    pubSub: async () => pubSub,
    lease: async () => lease,
    streams: () => Promise.reject(new Error('no streams here')),
  };
  return {
    // Back-fill would need streams; a bench has no gaps.
    needs: {
      engines: { ...engines, streams: async () => null as never },
      values: { ...config.values, backFill: false },
      dataDir,
      instance: 'bench',
      clock,
      metrics: prometheusMetrics(),
      journal: () => ({ event: () => undefined }),
    },
    log,
    pubSub,
    redisUrl: redis?.url ?? null,
    async dispose() {
      await log.close();
      await lease.close();
      await pubSub.close();
      await redis?.dispose();
      await kafka?.dispose();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

let payloads: Buffer[] | null = null;
async function ticks(): Promise<Buffer[]> {
  if (payloads !== null) return payloads;
  payloads = [];
  for await (const batch of (await openTickFile(tickSet(SET).ticks)).batches(new AbortController().signal))
    for (const { payload } of batch) payloads.push(payload);
  return payloads;
}

const publisher = fileURLToPath(new URL('./publish.ts', import.meta.url));

/** Publishes the whole set, from another process where there is a server in between; `perSecond` null: as fast as it goes. */
async function publish({ pubSub, redisUrl }: Rig, perSecond: number | null, seconds: number): Promise<void> {
  if (redisUrl !== null) {
    const args = [publisher, redisUrl, tickSet(SET).ticks, SYMBOL, String(perSecond ?? 'max'), String(seconds)];
    const child: ChildProcess = spawn(process.execPath, args, { stdio: 'inherit' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`the publisher ended with ${String(code)}`);
    return;
  }
  const all = await ticks();
  for (let i = 0; i < all.length; i += 1_000) {
    await pubSub.publish(all.slice(i, i + 1_000).map((payload) => ({ channel: `ticks.${SYMBOL}`, payload })));
    await clock.sleep(0);
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 2) {
    if (waited > 120_000) throw new Error('the bench is stuck');
    await clock.sleep(2);
  }
}

const taken = (service: Service): number => Number(service.figures().ticks);

function mirrorBench(real: boolean): Benchmark {
  return {
    name: `mirror-${real ? 'real' : 'embedded'}`,
    about: `${SET} (532,903 quotes) from ${real ? 'Redis to Kafka, published by another process' : 'pub/sub in memory to the embedded log'}, nothing lost`,
    aims: real ? { 'ticks/s': { least: 150_000 } } : {},
    runs: 3,
    async run(): Promise<Figures> {
      const r = await rig(real);
      const mirror = await makeMirror(r.needs);
      const stop = new AbortController();
      const running = mirror.run(stop.signal);
      await until(() => mirror.readiness().ready);
      const count = (await ticks()).length;
      const publishing = publish(r, null, 0);
      await until(() => taken(mirror) > 0);
      const begun = performance.now();
      await Promise.all([publishing, until(() => taken(mirror) === count)]);
      const seconds = (performance.now() - begun) / 1_000;
      stop.abort();
      await running;
      const inLog = (await r.log.ranges([`ticks.${SYMBOL}`])).reduce(
        (sum, { earliest, end }) => sum + end - earliest,
        0,
      );
      await r.dispose();
      if (inLog !== count) throw new Error(`${count} ticks were published, ${inLog} are in the log`);
      return { 'ticks/s': count / seconds };
    },
  };
}

function latencyBench(perSecond: number, name: string): Benchmark {
  const rate = perSecond.toLocaleString('en');
  return {
    name,
    about: `Redis to Kafka at ${rate} ticks/s for 10 s: from publish to durable in Kafka, by the time in each payload`,
    aims: { 'p99 ms': { most: 25 } },
    runs: 3,
    async run(): Promise<Figures> {
      const r = await rig(true);
      const waits: number[] = [];
      const log: RecordLog = Object.assign(Object.create(r.log) as RecordLog, {
        async append(records: Parameters<RecordLog['append']>[0]) {
          await r.log.append(records);
          const now = performance.timeOrigin + performance.now();
          for (const { topic, value } of records)
            if (topic.startsWith('ticks.')) waits.push(now - Number(/"at":([\d.]+)/.exec(value!.toString())![1]));
        },
      });
      const mirror = await makeMirror({ ...r.needs, engines: { ...r.needs.engines, log: async () => log } });
      const stop = new AbortController();
      const running = mirror.run(stop.signal);
      await until(() => mirror.readiness().ready);
      await publish(r, perSecond, 10);
      await clock.sleep(1_000);
      stop.abort();
      await running;
      await r.dispose();
      const sorted = waits.slice(perSecond).sort((a, b) => a - b);
      const at = (share: number): number => sorted[Math.floor(sorted.length * share)]!;
      return { 'ticks measured': sorted.length, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'p99.9 ms': at(0.999) };
    },
  };
}

function barsBench(real: boolean): Benchmark {
  return {
    name: `bars-${real ? 'real' : 'embedded'}`,
    about: `${SET} (532,903 quotes) from ${real ? 'Kafka' : 'the embedded log'} to bars`,
    aims: real ? { 'ticks/s': { least: 200_000 } } : {},
    runs: 3,
    async run(): Promise<Figures> {
      const r = await rig(real);
      const all = await ticks();
      for (let i = 0; i < all.length; i += 5_000)
        await r.log.append(all.slice(i, i + 5_000).map((value) => ({ topic: `ticks.${SYMBOL}`, key: SYMBOL, value })));
      const bars = await makeCandidate(r.needs);
      const stop = new AbortController();
      const running = bars.run(stop.signal);
      await until(() => taken(bars) > 0);
      const [begun, already] = [performance.now(), taken(bars)];
      await until(() => taken(bars) === all.length);
      const seconds = (performance.now() - begun) / 1_000;
      stop.abort();
      await running;
      await r.dispose();
      return { 'ticks/s': (all.length - already) / seconds };
    },
  };
}

export const paths: readonly Benchmark[] = [
  mirrorBench(false),
  mirrorBench(true),
  latencyBench(20_000, 'mirror-latency'),
  latencyBench(10_000, 'mirror-latency-10k'),
  barsBench(false),
  barsBench(true),
];
