import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/adapters/clock/system.ts';
import { adminClient, closeClient } from '../src/adapters/record-log/kafka-client.ts';
import { KafkaCluster } from '../src/adapters/record-log/kafka-cluster.ts';
import type { PartitionRange } from '../src/ports/record-log.ts';
import { type KafkaBroker, startKafka } from '../test/support/kafka-broker.ts';
import { startRedis } from '../test/support/redis-server.ts';
import { ServiceProcess } from '../test/support/service-process.ts';

export const clock = systemClock();
const PUBLISHER = fileURLToPath(new URL('./symbols-publish.ts', import.meta.url));
/** Topics in one question to the broker. */
const TOPICS_AT_ONCE = 1_000;
export const BROKER = {
  // Two cores for everything: the broker must not take itself for dead while it makes thousands of topics.
  'broker.session.timeout.ms': 18_000,
  'broker.heartbeat.interval.ms': 2_000,
  // Of its 10 MB for each of a partition's indices a kernel with large folios fills a part with zeros at the first entry: 1.5 ms each.
  'log.index.size.max.bytes': 65_536,
};

export const symbolAt = (i: number, prefix = 'SYM'): string => `${prefix}${String(i).padStart(5, '0')}`;

export interface Published {
  readonly symbols: number;
  readonly ticks: number;
  readonly perSecond: number;
  /** Of the first tick, epoch seconds; and how many seconds of event time the ticks span. */
  readonly from: number;
  readonly span: number;
  readonly prefix?: string;
}

/** Redis and Kafka of its own; mirror and candidate as processes of their own, as in production; a client that counts in Kafka. */
export class SymbolsRig {
  readonly mirror: ServiceProcess;
  readonly candidate: ServiceProcess;
  readonly kafka: KafkaBroker;
  readonly #admin: ReturnType<typeof adminClient>;
  readonly #cluster: KafkaCluster;
  readonly #options: { brokers: string[]; clientId: string; clock: typeof clock };
  readonly #redis: Awaited<ReturnType<typeof startRedis>>;
  readonly #folder: string;

  private constructor(redis: Awaited<ReturnType<typeof startRedis>>, kafka: KafkaBroker, folder: string) {
    this.#redis = redis;
    this.kafka = kafka;
    this.#folder = folder;
    this.#options = { brokers: [kafka.bootstrap], clientId: 'bench', clock };
    this.#admin = adminClient(this.#options);
    this.#cluster = new KafkaCluster(this.#options, this.#admin);
    const env = (name: string): Record<string, string> => ({
      REDIS_URL: redis.url,
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap,
      PULSE_DATA_DIR: join(folder, name),
      PULSE_INSTANCE: name,
      // For `--cpu-prof` and the like.
      ...(process.env[`BENCH_NODE_OPTIONS_${name.toUpperCase()}`] !== undefined && {
        NODE_OPTIONS: process.env[`BENCH_NODE_OPTIONS_${name.toUpperCase()}`]!,
      }),
    });
    this.mirror = new ServiceProcess(['mirror'], env('mirror'));
    this.candidate = new ServiceProcess(['bars', '--source', 'kafka'], env('candidate'));
  }

  static async start(): Promise<SymbolsRig> {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-symbols-'));
    const rig = new SymbolsRig(
      await startRedis({ args: ['--save', ''] }),
      await startKafka({ settings: BROKER, heapMb: 2_048 }),
      folder,
    );
    await rig.mirror.start();
    await rig.candidate.start();
    await rig.until('the mirror is ready', async () => {
      const address = /"address":"([^"]+)"/.exec(rig.mirror.printed)?.[1];
      return address !== undefined && (await fetch(new URL('/ready', address))).ok;
    });
    return rig;
  }

  /** Resolves with when the first and the last tick left, in epoch milliseconds. */
  async publish({ symbols, ticks, perSecond, from, span, prefix = 'SYM' }: Published): Promise<[number, number]> {
    const args = [symbols, ticks, perSecond, from, span, prefix].map(String);
    const child = spawn(process.execPath, [PUBLISHER, this.#redis.url, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.on('data', (bytes: Buffer) => {
      told += bytes.toString();
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`the publisher ended with ${String(code)}`);
    return [Number(/begun (\d+)/.exec(told)![1]), Number(/ended (\d+)/.exec(told)![1])];
  }

  /** Where topics end; those that do not exist, or that nobody leads yet, are left out. */
  async ends(topics: readonly string[]): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    for (let i = 0; i < topics.length; i += TOPICS_AT_ONCE)
      for (const { topic, end } of await this.#ranges(topics.slice(i, i + TOPICS_AT_ONCE))) ends.set(topic, end);
    return ends;
  }

  async #ranges(topics: readonly string[]): Promise<PartitionRange[]> {
    for (;;) {
      try {
        const usable = await this.#cluster.usable(topics);
        const places = [...usable.keys()].map((topic) => ({ topic, partition: 0 }));
        return (await this.#cluster.rangesOf(places)).filter((range) => range !== null);
      } catch {
        // Nobody leads a topic in the moment after it was made.
        await clock.sleep(20);
      }
    }
  }

  /** Resolves with whether `condition` came to hold within the limit. */
  async until(what: string, condition: () => Promise<boolean>, limitMs = 60_000, everyMs = 500): Promise<boolean> {
    for (const begun = clock.monotonic(); !(await condition()); await clock.sleep(everyMs)) {
      if (clock.monotonic() - begun <= limitMs) continue;
      process.stderr.write(`  waited ${Math.round(limitMs / 1_000)} s in vain until ${what}\n`);
      return false;
    }
    return true;
  }

  async dispose(): Promise<void> {
    await closeClient(this.#options, this.#admin);
    await Promise.all([this.mirror, this.candidate].map((each) => each.end('SIGTERM')));
    await this.kafka.dispose();
    await this.#redis.dispose();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Processor time of a process since its start, in seconds, by the kernel. */
export function processorSeconds(pid: number | null): number {
  if (pid === null) throw new Error('the process has ended');
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  // utime and stime, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Largest memory that a process had in RAM so far, in MB. */
export const peakMemory = (pid: number | null): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;

/** Files that this process, and one that it starts, may have open. */
export const openFiles = (): number =>
  Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))![1]);
