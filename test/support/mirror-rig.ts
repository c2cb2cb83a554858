import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { lmdbLease } from '../../src/adapters/lease/lmdb.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import { lmdbSpool } from '../../src/adapters/spool/lmdb.ts';
import { PubSubTape } from '../../src/adapters/tick-tape/pub-sub.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import { GAPS_TOPIC, type GapRecord, parseGap } from '../../src/domain/gap/gap.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';
import type { Lease } from '../../src/ports/lease.ts';
import type { LogRecord, RecordLog } from '../../src/ports/record-log.ts';
import type { Readiness } from '../../src/ports/service.ts';
import type { Spool } from '../../src/ports/spool.ts';
import { Mirror } from '../../src/services/mirror/mirror.ts';
import { tickPages } from '../../src/services/reconcile/tick-pages.ts';
import { HandPubSub } from './hand-pub-sub.ts';
import { losses, type PublishedTick } from './loss-checker.ts';
import { OwnLine } from './own-line.ts';
import { quickClock } from './quick-clock.ts';
import { readPartition } from './read-partition.ts';
import { type RecordingJournal, recordingJournal } from './recording-journal.ts';

/** What a log that can fail does. */
export interface Moods {
  away: boolean;
  /** Takes no records of gaps. */
  gapless: boolean;
  /** Takes ticks, and then says that it did not. */
  forgetful: boolean;
  /** Bytes of the largest value that a topic takes. */
  limit(topic: string): number;
}

export interface RunningMirror {
  readonly tape: PubSubTape;
  readonly line: OwnLine;
  readonly spool: Spool;
  readonly journal: RecordingJournal;
  readonly running: Promise<void>;
  readonly readiness: () => Readiness;
  /** As on SIGTERM. */
  stop(): Promise<void>;
  /** As on SIGKILL: nothing that it does from now on has any effect. */
  kill(): Promise<void>;
}

export interface MirrorLimits {
  /** How long what has arrived waits until the tape is told of it (milliseconds). */
  readonly lagMs?: number;
  readonly memoryBytes?: number;
  readonly batch?: number;
  readonly backFill?: boolean;
  /** Its spool; the one of the runs before where it is absent. */
  readonly disk?: string;
}

/** A mirror between a pub/sub cut by hand and a log that can be away, on a clock that runs twenty times as fast. */
export class MirrorRig {
  readonly clock: Clock = quickClock(20);
  readonly log: RecordLog;
  readonly streams: EntryStream;
  readonly lease: Lease;
  readonly pubsub = new HandPubSub(this.clock);
  readonly moods: Moods = { away: false, gapless: false, forgetful: false, limit: () => Number.POSITIVE_INFINITY };
  readonly published = new Map<string, PublishedTick[]>();
  readonly #folder: string;
  #spool = 'spool-0';
  #kills = 0;
  #id = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.log = lmdbRecordLog({ path: join(folder, 'log'), clock: this.clock });
    this.streams = lmdbEntryStream({ path: join(folder, 'streams'), clock: this.clock });
    this.lease = lmdbLease({ path: join(folder, 'leases'), clock: this.clock });
  }

  static async open(): Promise<MirrorRig> {
    const rig = new MirrorRig(await mkdtemp(join(tmpdir(), 'pulse-mirror-')));
    onTestFinished(async () => {
      await rig.log.close();
      await rig.streams.close();
      await rig.lease.close();
      await rm(rig.#folder, { recursive: true, force: true });
    });
    return rig;
  }

  start(instance: string, limits: MirrorLimits = {}): RunningMirror {
    const { clock, streams } = this;
    const spool = lmdbSpool(join(this.#folder, limits.disk ?? this.#spool));
    const life = { over: false };
    const line = new OwnLine(clock, limits.lagMs ?? 0);
    const pubsub = line.of(this.pubsub);
    const tape = new PubSubTape(
      { pubsub, streams: limits.backFill === false ? null : streams, spool, clock },
      {
        service: 'mirror',
        instance,
        pattern: 'ticks.*',
        memoryBytes: limits.memoryBytes ?? 64e6,
        streamPrefix: 'v2',
        fillMarginMs: 30_000,
      },
    );
    const journal = recordingJournal();
    const service = new Mirror(
      { tape, log: this.#moody(life), lease: this.#mortal(life), spool, clock, metrics: prometheusMetrics(), journal },
      {
        instance,
        pattern: 'ticks.*',
        batch: limits.batch ?? 5_000,
        partitions: 1,
        retentionMs: null,
        leaseName: 'ticks.*',
        // Long, for the clock runs fast: a busy machine must not seem to stand still.
        leaseTtlMs: 60_000,
      },
    );
    const end = new AbortController();
    const running = service.run(end.signal);
    const closed = running.catch(() => undefined).then(() => spool.close());
    onTestFinished(async () => {
      life.over = true;
      line.killed = true;
      end.abort();
      await closed;
    });
    return {
      tape,
      line,
      spool,
      journal,
      running,
      readiness: () => service.readiness(),
      async stop() {
        end.abort();
        await running;
        await closed;
      },
      kill: async () => {
        life.over = true;
        line.killed = true;
        // Nobody waits for the end of its lease here.
        const held = await this.lease.current('ticks.*');
        if (held !== null) await this.lease.release('ticks.*', held.holder, held.epoch);
        this.#kills += 1;
        if (limits.disk !== undefined) return;
        const copy = `spool-${this.#kills}`;
        await cp(join(this.#folder, this.#spool), join(this.#folder, copy), { recursive: true });
        this.#spool = copy;
      },
    };
  }

  /** Publishes ticks to stream and channel, one after the other. */
  async publish(count: number, symbol = 'EURUSD', more = ''): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      this.#id += 1;
      await this.publishPayload(symbol, `{"id":${this.#id},"ts":${this.clock.now()},"price":1.1${more}}`);
    }
  }

  async publishPayload(symbol: string, text: string): Promise<void> {
    const payload = Buffer.from(text);
    const own = this.published.get(symbol) ?? [];
    this.published.set(symbol, own);
    own.push({ payload: text, ts: (JSON.parse(text) as { ts: number }).ts });
    await this.streams.append([{ stream: 'v2:ticks:l1', fields: { symbol, j: payload } }]);
    await this.pubsub.publish([{ channel: `ticks.${symbol}`, payload }]);
  }

  async records(topic: string): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    for (const { partition, earliest, end } of await this.log.ranges([topic]))
      for (let from = earliest; from < end; from = found.at(-1)!.offset + 1)
        found.push(...(await readPartition(this.log, topic, partition, from, 5_000)));
    return found;
  }

  async gaps(): Promise<GapRecord[]> {
    const newest = new Map<string, GapRecord>();
    for (const { value } of await this.records(GAPS_TOPIC)) {
      const gap = parseGap(value!)!;
      newest.set(gap.id, gap);
    }
    return [...newest.values()];
  }

  /** How many records of a symbol count, for readers that follow the epoch. */
  async countOf(symbol = 'EURUSD'): Promise<number> {
    return (await this.counting(symbol)).length;
  }

  /** The records of a symbol that count, for readers that follow the epoch. */
  async counting(symbol: string): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    for (const range of await this.log.ranges([`ticks.${symbol}`]))
      for await (const page of tickPages(this.log, range, range.earliest, range.end)) found.push(...page);
    return found;
  }

  /** What is lost, doubled or moved, and told by no open gap. */
  async losses(): Promise<string[]> {
    const gaps = await this.gaps();
    const found: string[] = [];
    for (const [symbol, published] of this.published) {
      const payloads = (await this.counting(symbol)).map(({ value }) => value!.toString());
      found.push(...losses(symbol, published, payloads, gaps));
    }
    return found;
  }

  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; !(await condition()); tries += 1) {
      if (tries > 1_500) throw new Error(`waited in vain until ${what}`);
      await this.clock.sleep(200);
    }
  }

  #moody(life: { over: boolean }): RecordLog {
    const { log, moods } = this;
    const guarded =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (moods.away || life.over) throw away('it is away');
        return call(...args);
      };
    return {
      ...log,
      append: guarded(async (records) => {
        const ofGaps = records.some(({ topic }) => topic === GAPS_TOPIC);
        if (ofGaps && moods.gapless) throw away('it takes no gaps');
        const fits = records.filter(({ topic, value }) => (value?.length ?? 0) <= moods.limit(topic));
        await log.append(fits);
        const large = records.find((record) => !fits.includes(record));
        if (large !== undefined) {
          const { topic, value } = large;
          throw new PulseError('log.record.too-large', { topic, bytes: value!.length, limit: moods.limit(topic) });
        }
        if (moods.forgetful && !ofGaps) throw away('the answer was lost');
      }),
      read: guarded(log.read.bind(log)),
      ranges: guarded(log.ranges.bind(log)),
      topics: guarded(log.topics.bind(log)),
      createTopics: guarded(log.createTopics.bind(log)),
      ping: guarded(log.ping.bind(log)),
    };
  }

  /** A lease of which a process that was killed hears nothing more. */
  #mortal(life: { over: boolean }): Lease {
    const { lease } = this;
    const guarded =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (life.over) throw new PulseError('redis.unavailable', { at: 'the rig', reason: 'this process was killed' });
        return call(...args);
      };
    return {
      ...lease,
      acquire: guarded(lease.acquire),
      renew: guarded(lease.renew),
      release: guarded(lease.release),
    };
  }
}

const away = (reason: string): PulseError => new PulseError('log.unavailable', { at: 'the rig', reason });
