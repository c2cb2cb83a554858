import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { startKafka } from '../test/support/kafka-broker.ts';
import { startRedis } from '../test/support/redis-server.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { BurstReader } from './burst-reader.ts';

interface Burst {
  readonly name: string;
  readonly about: string;
  readonly ticks: number;
  readonly perSecond: number;
  readonly symbols: number;
  /** `client-output-buffer-limit` for pub/sub; absent: what Redis has by default. */
  readonly limits?: string;
  readonly runs?: number;
}

const bursts: readonly Burst[] = [
  {
    name: 'burst-default-limits',
    about: '500,000 ticks in one second, 10 symbols, limits of Redis as they come (pubsub 32mb 8mb 60)',
    ticks: 500_000,
    perSecond: 500_000,
    symbols: 10,
  },
  {
    name: 'burst-no-limits',
    about: '500,000 ticks in one second, 10 symbols, no limits',
    ticks: 500_000,
    perSecond: 500_000,
    symbols: 10,
    limits: 'pubsub 0 0 0',
  },
  {
    name: 'burst-million',
    about: '1,000,000 ticks at 500,000/s, 10 symbols, the limits that `pulse doctor` advises',
    ticks: 1_000_000,
    perSecond: 500_000,
    symbols: 10,
    limits: 'pubsub 256mb 64mb 60',
  },
  {
    name: 'burst-sustained',
    about: '1,500,000 ticks at 100,000/s, 10 symbols, limits of Redis as they come',
    ticks: 1_500_000,
    perSecond: 100_000,
    symbols: 10,
  },
];

const MAIN = fileURLToPath(new URL('../src/app/main.ts', import.meta.url));
const DISCARD = fileURLToPath(new URL('./burst-discard.ts', import.meta.url));
const PUBLISHER = fileURLToPath(new URL('./burst-publisher.ts', import.meta.url));
/** For the publisher to make 100,000 ticks in memory, on a busy machine. */
const MAKE_MS = 2_500;
/** A mirror that brings nothing more for so long has brought all that it will, on a busy machine, too. */
const QUIET_MS = 30_000;
const STUCK_MS = 240_000;
const RUNS = Number(process.env.BURST_RUNS ?? 3);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const MB = 1024 * 1024;

/** Processor seconds and megabytes (now, and at most since it started) of a process. */
function usage(pid: number): { seconds: number; rss: number; peak: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1_024) / MB;
  return {
    seconds: (Number(fields[11]) + Number(fields[12])) / 100,
    rss: megabytes('VmRSS'),
    peak: megabytes('VmHWM'),
  };
}

const startLimited = (limits: string | undefined) =>
  startRedis({
    args: ['--appendonly', 'no', ...(limits === undefined ? [] : ['--client-output-buffer-limit', limits])],
  });

/** A publisher that begins so many milliseconds after it has made its ticks; `sent` waits for what it tells at its end. */
function startPublisher(url: string, { ticks, perSecond, symbols }: Omit<Burst, 'name' | 'about'>, afterMs: number) {
  const { hostname, port } = new URL(url);
  const begins = Date.now() + afterMs + (ticks / 100_000) * MAKE_MS;
  const words = [hostname, port, String(ticks), String(perSecond), String(symbols), String(begins)];
  const publisher = spawn(process.execPath, [PUBLISHER, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sent = async (): Promise<{ ms: number; heard: number }> => {
    const [line] = (await Promise.race([once(publisher.stdout!, 'data'), failed(publisher)])) as [Buffer];
    return JSON.parse(line.toString());
  };
  return { publisher, begins, sent };
}

/** A mirror that has done nothing yet; resolves once it is subscribed. */
async function startMirror(redis: string, kafka: string, folder: string): Promise<ChildProcess> {
  const mirror = spawn(process.execPath, [MAIN, 'mirror'], {
    env: {
      PATH: process.env.PATH ?? '',
      PULSE_PORT: '0',
      PULSE_LOG_FORMAT: 'json',
      REDIS_URL: redis,
      KAFKA_BOOTSTRAP_SERVERS: kafka,
      PULSE_DATA_DIR: folder,
      PULSE_INSTANCE: 'burst',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  mirror.stdout!.resume();
  const client = createClient({ url: redis });
  client.on('error', () => undefined);
  await client.connect();
  while (Number(await client.sendCommand(['PUBSUB', 'NUMPAT'])) !== 1) {
    if (mirror.exitCode !== null) throw new Error(`the mirror ended with ${mirror.exitCode}`);
    await sleep(20);
  }
  client.destroy();
  return mirror;
}

function burst({ name, about, ticks, perSecond, symbols, limits, runs = RUNS }: Burst): Benchmark {
  return {
    name,
    about,
    aims: { arrived: { least: ticks }, 'lost in silence': { most: 0 }, doubled: { most: 0 } },
    runs,
    async run(): Promise<Figures> {
      const folder = mkdtempSync(join(tmpdir(), 'pulse-burst-'));
      const redis = await startLimited(limits);
      const kafka = await startKafka();
      const reader = new BurstReader(kafka.bootstrap);
      const { publisher, begins, sent: published } = startPublisher(redis.url, { ticks, perSecond, symbols }, 8_000);
      const mirror = await startMirror(redis.url, kafka.bootstrap, folder);
      try {
        const sent = await published();
        let [count, since] = [0, Date.now()];
        while (count < ticks && Date.now() - since < QUIET_MS && Date.now() - begins < STUCK_MS) {
          await sleep(50);
          const now = await reader.count('ticks.B');
          if (now !== count) [count, since] = [now, Date.now()];
        }
        const took = (since - begins) / 1_000;
        const used = usage(mirror.pid!);
        await sleep(2_000);
        const outcome = await reader.outcome(
          ticks,
          (n) => `B${n % symbols}`,
          (n) => begins + (n * 1_000) / perSecond,
        );
        for (const gap of outcome.gaps) process.stdout.write(`${name}: gap ${gap}\n`);
        return {
          arrived: outcome.arrived,
          'in a gap': outcome.told,
          'lost in silence': outcome.silent,
          doubled: outcome.doubled,
          'out of order': outcome.moved,
          'cut off': sent.heard < ticks ? 1 : 0,
          'publisher s': sent.ms / 1_000,
          'all in Kafka s': took,
          'ticks/s': outcome.arrived / took,
          'processor s': used.seconds,
          'peak MB': used.peak,
        };
      } finally {
        publisher.kill('SIGKILL');
        const over = once(mirror, 'exit');
        mirror.kill('SIGTERM');
        const late = setTimeout(() => mirror.kill('SIGKILL'), 15_000);
        await over;
        clearTimeout(late);
        await reader.close();
        await kafka.dispose();
        await redis.dispose();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** What the machine allows: the same burst to a subscriber that only throws bytes away. */
function floor({ name, ticks, perSecond, symbols, limits, runs = RUNS }: Burst): Benchmark {
  return {
    name: `${name}-floor`,
    about: `the same as ${name}, to a subscriber that reads and throws away, with no mirror and no Kafka`,
    aims: {},
    runs,
    async run(): Promise<Figures> {
      const redis = await startLimited(limits);
      const { hostname, port } = new URL(redis.url);
      const { publisher, sent: published } = startPublisher(redis.url, { ticks, perSecond, symbols }, 4_000);
      const reader = spawn(process.execPath, [DISCARD, hostname, port], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        const read = once(reader.stdout!, 'data') as Promise<[Buffer]>;
        const sent = await published();
        await sleep(1_000);
        reader.kill('SIGTERM');
        const { bytes, seconds } = JSON.parse((await read)[0].toString()) as { bytes: number; seconds: number };
        return {
          'cut off': sent.heard < ticks ? 1 : 0,
          'published while subscribed': sent.heard,
          'publisher s': sent.ms / 1_000,
          'read MB': bytes / MB,
          'processor s': seconds,
        };
      } finally {
        publisher.kill('SIGKILL');
        reader.kill('SIGKILL');
        await redis.dispose();
      }
    },
  };
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0) return new Promise(() => undefined);
  throw new Error(`the publisher ended with ${String(code)}`);
}

export const burstBenches: readonly Benchmark[] = [...bursts.map(burst), ...bursts.slice(0, 1).map(floor)];
