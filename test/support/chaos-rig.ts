import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { redisEntryStream } from '../../src/adapters/entry-stream/redis.ts';
import { redisKeyValue } from '../../src/adapters/key-value/redis.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { openTickFile } from '../../src/adapters/tick-file/tick-file.ts';
import { BAR_STREAMS } from '../../src/domain/bar/bar-topics.ts';
import { GAPS_TOPIC, type GapRecord, parseGap } from '../../src/domain/gap/gap.ts';
import { settledBar } from '../../src/domain/parity/parity-bar.ts';
import { compareWithReference, parseReferenceBar } from '../../src/domain/parity/reference-bars.ts';
import { timeOf } from '../../src/domain/tick/tick-envelope.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import type { SourceTick, TickSource } from '../../src/ports/tick-source.ts';
import { feed } from '../../src/services/feed/feed.ts';
import { candidateSide } from '../../src/services/reconcile/candidate-side.ts';
import { incumbentSide } from '../../src/services/reconcile/incumbent-side.ts';
import { recordsOf } from '../../src/services/reconcile/log-pages.ts';
import type { SideSource } from '../../src/services/reconcile/side-source.ts';
import { type KafkaBroker, startKafka } from './kafka-broker.ts';
import { losses } from './loss-checker.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ServiceProcess } from './service-process.ts';
import { tickSet } from './tick-sets.ts';

export const clock = systemClock();

/** A recorded tape of several symbols, in order of time. */
export interface Tape {
  readonly ticks: readonly SourceTick[];
  /** Symbol to the file of its reference bars. */
  readonly references: Readonly<Record<string, string>>;
}

/** The first `count` ticks of sets, merged by time. The last minute of a set that is cut off is not whole: `wholeUntil` tells. */
export async function tapeOf(names: readonly string[]): Promise<Tape> {
  const all: { tick: SourceTick; ts: number }[] = [];
  const references: Record<string, string> = {};
  for (const name of names) {
    const { ticks, bars } = tickSet(name);
    for await (const batch of (await openTickFile(ticks)).batches(new AbortController().signal))
      for (const tick of batch) all.push({ tick, ts: timeOf(tick.payload)! });
    references[name.split('.')[0]!] = bars;
  }
  // Stable: ticks of one time stay in the order of their file.
  all.sort((a, b) => a.ts - b.ts);
  return { ticks: all.map(({ tick }) => tick), references };
}

/** Redis and Kafka of its own, with the services of both paths as processes, and a feed that a test can hold. */
export class ChaosRig {
  readonly redis: RedisServer;
  readonly kafka: KafkaBroker;
  readonly folder: string;
  readonly #processes: ServiceProcess[] = [];
  /** While true the feed waits. */
  held = false;
  published = 0;

  private constructor(redis: RedisServer, kafka: KafkaBroker, folder: string) {
    this.redis = redis;
    this.kafka = kafka;
    this.folder = folder;
  }

  static async start(redisArgs: readonly string[] = []): Promise<ChaosRig> {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-chaos-'));
    // Durable, as a desk that fills gaps from its streams would have it.
    const redis = await startRedis({ args: ['--appendonly', 'yes', ...redisArgs] });
    return new ChaosRig(redis, await startKafka(), folder);
  }

  process(words: readonly string[], name: string, env: Readonly<Record<string, string>> = {}): ServiceProcess {
    const made = new ServiceProcess(words, {
      REDIS_URL: this.redis.url,
      KAFKA_BOOTSTRAP_SERVERS: this.kafka.bootstrap,
      PULSE_DATA_DIR: join(this.folder, name),
      PULSE_INSTANCE: name,
      BARS_IDLE_CLOSE_MS: '2000',
      ...env,
    });
    this.#processes.push(made);
    return made;
  }

  /** Publishes the tape at about so many ticks a second; resolves when all of it is out. */
  async publish({ ticks }: Tape, perSecond: number, streamLength = 1_000_000): Promise<void> {
    const pubsub = redisPubSub({ url: this.redis.url, clock });
    const streams = redisEntryStream({ url: this.redis.url, clock });
    const batch = Math.ceil(perSecond / 50);
    const rig = this;
    const source: TickSource = {
      name: 'chaos',
      async *batches() {
        for (let i = 0; i < ticks.length; i += batch) {
          while (rig.held) await clock.sleep(10);
          yield ticks.slice(i, i + batch);
          rig.published = Math.min(ticks.length, i + batch);
          await clock.sleep(20);
        }
      },
      counts: { ticks: 0, unroutable: new Map(), examples: [] },
      share: null,
      waitsFor: null,
    };
    const journal = { event: () => undefined };
    const service = feed(
      { source, pubsub, streams, clock, metrics: prometheusMetrics(), journal },
      { batch, prefix: 'v2', streamLength, symbolStreams: false },
    );
    await service.run(new AbortController().signal);
    await pubsub.close();
    await streams.close();
  }

  /** Resolves when `condition` holds. */
  async until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 90_000): Promise<void> {
    const begun = clock.monotonic();
    while (!(await condition())) {
      if (clock.monotonic() - begun > limitMs) throw new Error(`waited in vain until ${what}\n${this.printed()}`);
      await clock.sleep(250);
    }
  }

  printed(): string {
    return this.#processes.map((each) => each.printed.slice(-1_500)).join('\n---\n');
  }

  /** What of the tape was lost, doubled or moved on its way to Kafka, beside what gap records tell. */
  async losses({ ticks }: Tape, log: RecordLog): Promise<string[]> {
    const gaps = await this.gaps(log);
    const faults: string[] = [];
    for (const [symbol, own] of Map.groupBy(ticks, (tick) => tick.symbol)) {
      const records: string[] = [];
      for await (const { value } of recordsOf(log, `ticks.${symbol}`)) records.push(value!.toString());
      const published = own.map(({ payload }) => ({ payload: payload.toString(), ts: timeOf(payload)! }));
      faults.push(...losses(symbol, published, records, gaps));
    }
    return faults;
  }

  async gaps(log: RecordLog): Promise<GapRecord[]> {
    const newest = new Map<string, GapRecord>();
    for await (const { value } of recordsOf(log, GAPS_TOPIC)) {
      const gap = parseGap(value!);
      if (gap !== null) newest.set(gap.id, gap);
    }
    return [...newest.values()];
  }

  /** How the settled bars of a side differ from the reference, a line each. */
  async differences({ references }: Tape, side: SideSource): Promise<string[]> {
    const found: string[] = [];
    for (const [symbol, path] of Object.entries(references)) {
      const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
      const { bars } = await side.read(symbol);
      const settled = new Map(
        [...Map.groupBy(bars, ({ start }) => start)].map(([start, each]) => [start, settledBar(each).bar]),
      );
      for (const d of compareWithReference(
        settled,
        lines.map((line) => parseReferenceBar(line)!),
      ))
        found.push(`${symbol} ${new Date(d.start).toISOString()} ${d.field}: ${d.ours}, reference ${d.reference}`);
    }
    return found;
  }

  log(): RecordLog {
    return kafkaRecordLog({ brokers: [this.kafka.bootstrap], clientId: 'chaos', clock });
  }

  candidate(log: RecordLog): SideSource {
    return candidateSide(log, () => false);
  }

  incumbent(): { side: SideSource; close(): Promise<void> } {
    const streams = redisEntryStream({ url: this.redis.url, clock });
    const keys = redisKeyValue({ url: this.redis.url, clock });
    const options = { streams: BAR_STREAMS, olderKey: null, tickPrefix: 'v2', nonPositive: () => false };
    return {
      side: incumbentSide(streams, keys, options),
      async close() {
        await streams.close();
        await keys.close();
      },
    };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.end('SIGKILL')));
    await this.kafka.dispose();
    await this.redis.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }
}
