import { barTopic } from '../../domain/bar-topics.ts';
import { bucketOf } from '../../domain/bucket.ts';
import { PulseError } from '../../domain/errors.ts';
import { outranks, sameContent, sideBar } from '../../domain/parity-bar.ts';
import { REJECTED_TOPIC } from '../../domain/rejected.ts';
import { symbolOfTopic } from '../../domain/symbol.ts';
import type { LogPosition, LogRecord, NewRecord, RecordLog } from '../../ports/record-log.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import { type BarMetrics, barMetrics } from './bar-metrics.ts';
import { barRecord, placeOf, readCheckpoint, readRange, rejectedRecord } from './bar-records.ts';
import type { BarsNeeds } from './bars.ts';
import { LagWatch } from './lag-watch.ts';
import { barId, type LateBar, LateWrites } from './late-writes.ts';
import { byPartition, type PartitionBars, takeRecord } from './partition-bars.ts';
import { type BuildOptions, SymbolBars } from './symbol-bars.ts';

export interface CandidateOptions extends BuildOptions {
  readonly group: string;
  /** Records of a partition by which it may be behind before it says so. */
  readonly lagLimit: number;
}

/** Every topic of ticks, and no other: `ticks.rejected` and dead letters are none. */
const TICK_TOPICS = /^ticks\.(?!rejected$)(?!.*\.dlq$)[A-Za-z0-9][A-Za-z0-9._-]*$/;
const READ = 5_000;
const LOOK_EVERY_MS = 5_000;

/**
 * Builds bars from the record log. Its state is in its output: each write of bars carries the state of the builder and the offset
 * it belongs to, so that a restart, a crash or a rebalance goes on as if nothing had happened, and rewrites at most what it wrote before.
 */
export class CandidateBars implements Service {
  readonly name = 'bars-candidate';
  readonly #needs: BarsNeeds & { log: RecordLog };
  readonly #options: CandidateOptions;
  readonly #metrics: BarMetrics;
  readonly #lag: LagWatch;
  readonly #partitions = new Map<string, PartitionBars>();
  #held: ReadonlySet<string> = new Set();
  /** Serialises what changes builders: batches and the clock. */
  #work: Promise<unknown> = Promise.resolve();
  #available = true;
  #started = false;
  #written = 0;

  constructor(needs: BarsNeeds & { log: RecordLog }, options: CandidateOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#metrics = barMetrics(needs.metrics, 'candidate');
    this.#lag = new LagWatch(needs, options.lagLimit);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, clock, journal } = this.#needs;
    journal.event('info', 'service.started', 'candidate bars follow the record log', { group: this.#options.group });
    clock.every(1_000, () => this.#serially(() => this.#closeIdle()), signal);
    clock.every(LOOK_EVERY_MS, () => this.#lag.look([...this.#partitions.values()]), signal);
    clock.every(LOOK_EVERY_MS, () => this.#serially(() => this.#putRight()), signal);
    await log.consume(
      {
        group: this.#options.group,
        topics: { match: TICK_TOPICS },
        onAssignment: (held) => this.#assigned(held),
      },
      (records) => this.#serially(() => this.#take(records)),
      signal,
    );
    await this.#work;
    journal.event('info', 'service.stopped', `wrote ${this.#written} bars`);
  }

  readiness(): Readiness {
    if (!this.#available) return { ready: false, detail: 'waits for the record log' };
    return { ready: true, detail: this.#started ? 'builds bars' : 'waits for ticks' };
  }

  figures(): Record<string, number> {
    let open = 0;
    let ticks = 0;
    for (const { pipeline } of this.#partitions.values()) {
      open += pipeline.builder.openBars;
      ticks += pipeline.counts.taken;
    }
    return { ticks, bars: this.#written, open, partitions: this.#partitions.size, lag: this.#lag.behind };
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  #assigned(held: readonly { topic: string; partition: number }[]): void {
    this.#held = new Set(held.map(({ topic, partition }) => `${topic}/${partition}`));
    // Another member owns the rest: what is known of it here grows stale, and must not be written.
    for (const key of this.#partitions.keys()) if (!this.#held.has(key)) this.#partitions.delete(key);
    const unknown = held.filter(({ topic, partition }) => !this.#partitions.has(`${topic}/${partition}`));
    void this.#serially(async () => {
      try {
        await this.#adopt(unknown);
      } catch (error) {
        // Then with the first tick.
        this.#tellFailure(error, 'partitions could not be taken over');
      }
    });
  }

  /** Takes partitions up to where the group stands, where that is further than what is known here: the minutes that are open there may get no tick more. */
  async #adopt(partitions: readonly { topic: string; partition: number }[]): Promise<void> {
    const { log, clock } = this.#needs;
    const committed = partitions.length > 0 ? await log.committed(this.#options.group) : [];
    for (const { topic, partition } of partitions) {
      const key = `${topic}/${partition}`;
      const known = this.#partitions.get(key)?.position ?? 0;
      const group = committed.find((p) => p.topic === topic && p.partition === partition)?.offset ?? 0;
      const restored = await this.#restore(topic, partition, Math.max(known, group), Number.POSITIVE_INFINITY);
      if (restored.position <= known || !this.#held.has(key)) continue;
      const [[last] = []] = await log.read([{ topic, partition, from: restored.position - 1, max: 1 }]);
      restored.pipeline.resumed(clock.now(), last?.timestamp ?? clock.now());
      this.#partitions.set(key, restored);
    }
  }

  async #take(records: readonly LogRecord[]): Promise<LogPosition[]> {
    this.#started = true;
    const touched: PartitionBars[] = [];
    for (const run of byPartition(records)) {
      const bars = await this.#partition(run[0]!);
      bars.pipeline.lastTakenAt = this.#needs.clock.now();
      for (const record of run) takeRecord(bars, record);
      touched.push(bars);
    }
    await this.#write(touched);
    // A partition whose builder holds ticks that no written checkpoint covers is not committed: they would be lost.
    return touched
      .filter((p) => this.#covered(p))
      .map(({ topic, partition, position }) => ({ topic, partition, offset: position }));
  }

  readonly #checkpoints = new WeakMap<PartitionBars, number>();

  #covered(bars: PartitionBars): boolean {
    return (
      this.#checkpoints.get(bars) === bars.position || bars.pipeline.builder.watermark === Number.NEGATIVE_INFINITY
    );
  }

  /** The partition of a record, brought to the place right before it. */
  async #partition(record: LogRecord): Promise<PartitionBars> {
    const { topic, partition, offset } = record;
    const key = `${topic}/${partition}`;
    const known = this.#partitions.get(key);
    if (known !== undefined && known.position >= offset) return known;
    // New here, or another member took some meanwhile: the state is where the last write left it.
    const restored = await this.#restore(topic, partition, offset, Number.POSITIVE_INFINITY);
    this.#partitions.set(key, restored);
    return restored;
  }

  /** Brings a partition to the place right before `before`, from the newest checkpoint at or before `atMost`. */
  async #restore(topic: string, partition: number, before: number, atMost: number): Promise<PartitionBars> {
    const { log, journal } = this.#needs;
    const symbol = symbolOfTopic(topic)!;
    const checkpoint = await readCheckpoint(log, symbol, partition, atMost);
    const range = (await log.ranges([topic])).find((r) => r.partition === partition);
    // A topic that was made anew counts from zero again: what was known of the old one would hide its ticks.
    const offset = Math.min(before, range?.end ?? before);
    const stale = checkpoint !== null && range !== undefined && checkpoint.position > range.end;
    if (stale)
      journal.event(
        'warn',
        'service.failed',
        `the checkpoint of ${topic} lies beyond its end; the topic was made anew`,
        { checkpoint: checkpoint.position, end: range.end },
      );
    const usable = stale ? null : checkpoint;
    const pipeline = new SymbolBars(symbol, this.#options, partition, usable?.state ?? null);
    const topics = (['1m', ...this.#options.bars.composites] as const).map((tf) => barTopic(symbol, tf));
    const bars: PartitionBars = {
      topic,
      partition,
      pipeline,
      lateWrites: await LateWrites.of(log, topics, partition, usable?.position ?? -1),
      position: usable?.position ?? Math.min(offset, range?.earliest ?? offset),
    };
    if (range !== undefined && usable !== null && usable.position < range.earliest) pipeline.builder.joined(null);
    for (let from = bars.position; from < offset; from += READ)
      for (const record of await readRange(log, topic, partition, from, Math.min(from + READ, offset)))
        takeRecord(bars, record);
    // Offsets may skip: what the log does not hold is not missing.
    if (bars.position < offset) bars.position = offset;
    return bars;
  }

  async #closeIdle(): Promise<void> {
    try {
      const now = this.#needs.clock.now();
      for (const bars of [...this.#partitions.values()].filter(({ pipeline }) => pipeline.overdue(now))) {
        if (await this.#tookAll(bars)) bars.pipeline.idle(now);
        else {
          // What was not delivered here, another member may have taken meanwhile.
          bars.pipeline.lastTakenAt = now;
          await this.#adopt([bars]);
        }
      }
      await this.#write([...this.#partitions.values()].filter(({ pipeline }) => pipeline.bars.length > 0));
    } catch (error) {
      // The bars stay with their pipelines and are written with the next ones.
      this.#tellFailure(error, 'idle bars could not be written');
    }
    let open = 0;
    for (const { pipeline } of this.#partitions.values()) open += pipeline.builder.openBars;
    this.#metrics.open.set(open);
  }

  /** Whether the log holds nothing more: where it does, a minute is not idle, only not delivered here (this member was paused, or lost its partition). */
  async #tookAll({ topic, partition, position }: PartitionBars): Promise<boolean> {
    const { log } = this.#needs;
    const end = (await log.ranges([topic])).find((range) => range.partition === partition)?.end ?? 0;
    if (end <= position) return true;
    const [records] = await log.read([{ topic, partition, from: position, max: 1 }]);
    return records!.length === 0;
  }

  /** Writes again what a former owner of a partition has overwritten with less. */
  async #putRight(): Promise<void> {
    try {
      for (const bars of this.#partitions.values()) {
        const late = (await bars.lateWrites.look()).filter((each) => this.#isClosed(bars, each));
        if (late.length > 0) await this.#rewrite(bars, late);
      }
    } catch (error) {
      this.#tellFailure(error, 'late writes could not be put right');
    }
  }

  /** Whether this bar, as the owner has it, is closed; else it will be written anyway. */
  #isClosed({ pipeline: { builder } }: PartitionBars, { bar: { start }, tf }: LateBar): boolean {
    const { timeZoneOrigin, graceMs } = this.#options.bars;
    return builder.openBars === 0 || builder.watermark >= bucketOf(tf, start, timeZoneOrigin).end + graceMs;
  }

  async #rewrite(bars: PartitionBars, late: readonly LateBar[]): Promise<void> {
    const { topic, partition, position, pipeline } = bars;
    // What its writer did not know is in the ticks: from where it stood on, they give the bars anew.
    const again = await this.#restore(topic, partition, position, Math.min(...late.map((each) => each.position)));
    if (pipeline.builder.openBars === 0) again.pipeline.idle(this.#needs.clock.now());
    const built = new Map(again.pipeline.bars.map((b) => [barId(placeOf(b)), b]));
    const better = late.flatMap(({ id, bar }) => {
      const b = built.get(id);
      return b === undefined || sameContent(sideBar(b), bar) || outranks(bar, sideBar(b)) ? [] : [b];
    });
    for (const each of late) bars.lateWrites.settled(each);
    if (better.length === 0) return;
    const starts = better.map(({ start }) => new Date(start).toISOString());
    this.#needs.journal.event('warn', 'bar.rewritten', `a former owner of ${topic}/${partition} wrote late`, {
      starts,
    });
    pipeline.bars.unshift(...better);
    await this.#write([bars]);
  }

  #tellFailure(error: unknown, what: string): void {
    if (error instanceof PulseError && error.retry) return;
    this.#needs.journal.event('error', 'service.failed', `${what}: ${String(error)}`);
  }

  /** Writes what pipelines have ready; the newest 1m bar of each goes last, with the checkpoint. */
  async #write(partitions: readonly PartitionBars[]): Promise<void> {
    const ready = partitions.filter(({ pipeline }) => pipeline.bars.length > 0 || pipeline.rejects.length > 0);
    const first: NewRecord[] = [];
    const last: NewRecord[] = [];
    for (const bars of ready) {
      const { pipeline } = bars;
      const newest = pipeline.bars.findLastIndex((b) => b.tf === '1m');
      pipeline.bars.forEach((b, i) => {
        const state = i === newest ? pipeline.builder.snapshot() : null;
        (state === null ? first : last).push(barRecord(b, this.#options.bars.timestampOn, bars, state));
      });
      for (const reject of pipeline.rejects) first.push(rejectedRecord(reject));
    }
    try {
      await this.#createTopics([...first, ...last]);
      if (first.length > 0) await this.#needs.log.append(first);
      if (last.length > 0) await this.#needs.log.append(last);
    } catch (error) {
      this.#available = false;
      throw error;
    }
    this.#available = true;
    for (const bars of partitions) {
      const { pipeline } = bars;
      this.#metrics.count(pipeline);
      this.#written += pipeline.bars.length;
      if (pipeline.bars.some((b) => b.tf === '1m')) this.#checkpoints.set(bars, bars.position);
      bars.lateWrites.wrote(pipeline.bars.map(placeOf), bars.position);
      pipeline.bars = [];
      pipeline.rejects = [];
    }
  }

  readonly #topics = new Set<string>();

  async #createTopics(records: readonly NewRecord[]): Promise<void> {
    const missing = [...new Set(records.map((r) => r.topic))].filter((topic) => !this.#topics.has(topic));
    if (missing.length === 0) return;
    await this.#needs.log.createTopics(missing.map((topic) => ({ topic, compacted: topic !== REJECTED_TOPIC })));
    for (const topic of missing) this.#topics.add(topic);
  }
}
