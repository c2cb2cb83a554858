import type { Bar } from '../../domain/bar.ts';
import type { BuilderState } from '../../domain/bar-builder.ts';
import { encodeBar } from '../../domain/bar-codec.ts';
import { barTopic } from '../../domain/bar-topics.ts';
import { PulseError } from '../../domain/errors.ts';
import { REJECTED_TOPIC, type RejectedTick, rejectedHeaders } from '../../domain/rejected.ts';
import { symbolOfTopic, tickTopic } from '../../domain/symbol.ts';
import type { LogPosition, LogRecord, NewRecord, RecordLog } from '../../ports/record-log.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import { type BarMetrics, barMetrics } from './bar-metrics.ts';
import type { BarsNeeds } from './bars.ts';
import { LagWatch } from './lag-watch.ts';
import { type BuildOptions, SymbolBars } from './symbol-bars.ts';

export interface CandidateOptions extends BuildOptions {
  readonly group: string;
  /** Records of a partition by which it may be behind before it says so. */
  readonly lagLimit: number;
}

/** Every topic of ticks, and no other: `ticks.rejected` and dead letters are none. */
const TICK_TOPICS = /^ticks\.(?!rejected$)(?!.*\.dlq$)[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Bars of a topic among which the newest checkpoint surely is, however many late writes of a former owner follow it. */
const CHECKPOINT_DEPTH = 200;
const CHECKPOINT = 'checkpoint';
const READ = 5_000;
const LAG_EVERY_MS = 5_000;

/** A builder as it stood before the record at `position`. Travels as a header of the newest 1m bar, so that bar and checkpoint are one write. */
interface Checkpoint {
  readonly partition: number;
  readonly position: number;
  readonly state: BuilderState;
}

interface PartitionBars {
  readonly topic: string;
  readonly partition: number;
  readonly pipeline: SymbolBars;
  /** Offset of the next record to take. */
  position: number;
}

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
    clock.every(LAG_EVERY_MS, () => this.#lag.look([...this.#partitions.values()]), signal);
    await log.consume(
      {
        group: this.#options.group,
        topics: { match: TICK_TOPICS },
        onAssignment: (held) => this.#keepOnly(held),
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

  /** Another member owns the rest: what is known of it here grows stale, and must not be written. */
  #keepOnly(held: readonly { topic: string; partition: number }[]): void {
    const kept = new Set(held.map(({ topic, partition }) => `${topic}/${partition}`));
    for (const key of this.#partitions.keys()) if (!kept.has(key)) this.#partitions.delete(key);
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
    const restored = await this.#restore(topic, partition, offset);
    this.#partitions.set(key, restored);
    return restored;
  }

  async #restore(topic: string, partition: number, offset: number): Promise<PartitionBars> {
    const { log, journal } = this.#needs;
    const symbol = symbolOfTopic(topic)!;
    const checkpoint = await readCheckpoint(log, symbol, partition);
    const range = (await log.ranges(topic)).find((r) => r.partition === partition);
    // A topic that was made anew counts from zero again: what was known of the old one would hide its ticks.
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
    const bars: PartitionBars = {
      topic,
      partition,
      pipeline,
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
    const now = this.#needs.clock.now();
    const closed = [...this.#partitions.values()].filter(
      ({ pipeline }) => pipeline.idle(now) || pipeline.bars.length > 0,
    );
    try {
      await this.#write(closed);
    } catch (error) {
      // The bars stay with their pipelines and are written with the next ones.
      if (!(error instanceof PulseError && error.retry))
        this.#needs.journal.event('error', 'service.failed', `idle bars could not be written: ${String(error)}`);
    }
    let open = 0;
    for (const { pipeline } of this.#partitions.values()) open += pipeline.builder.openBars;
    this.#metrics.open.set(open);
  }

  /** Writes what pipelines have ready; the newest 1m bar of each goes last, with the checkpoint. */
  async #write(partitions: readonly PartitionBars[]): Promise<void> {
    const ready = partitions.filter(({ pipeline }) => pipeline.bars.length > 0 || pipeline.rejects.length > 0);
    const first: NewRecord[] = [];
    const last: NewRecord[] = [];
    for (const bars of ready) {
      const { pipeline } = bars;
      const newest = pipeline.bars.findLastIndex((b) => b.tf === '1m');
      pipeline.bars.forEach((b, i) => (i === newest ? last : first).push(this.#record(b, i === newest ? bars : null)));
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
      pipeline.bars = [];
      pipeline.rejects = [];
    }
  }

  #record(b: Bar, checkpointed: PartitionBars | null): NewRecord {
    const value = Buffer.from(encodeBar(b, this.#options.bars.timestampOn));
    const record = { topic: barTopic(b.symbol, b.tf), key: String(b.start / 1000), value };
    if (checkpointed === null) return record;
    const { partition, position, pipeline } = checkpointed;
    const checkpoint: Checkpoint = { partition, position, state: pipeline.builder.snapshot() };
    return { ...record, headers: new Map([[CHECKPOINT, JSON.stringify(checkpoint)]]) };
  }

  readonly #topics = new Set<string>();

  async #createTopics(records: readonly NewRecord[]): Promise<void> {
    const missing = [...new Set(records.map((r) => r.topic))].filter((topic) => !this.#topics.has(topic));
    if (missing.length === 0) return;
    await this.#needs.log.createTopics(missing.map((topic) => ({ topic, compacted: topic !== REJECTED_TOPIC })));
    for (const topic of missing) this.#topics.add(topic);
  }
}

function takeRecord(bars: PartitionBars, record: LogRecord): void {
  const { topic, partition, offset, value, headers, timestamp } = record;
  if (offset < bars.position) return;
  bars.position = offset + 1;
  const joined = headers.get('joined');
  if (joined !== undefined) bars.pipeline.builder.joined(Number(joined.toString()));
  bars.pipeline.take(value ?? EMPTY, offset, timestamp, () => `${topic}/${partition}@${offset}`);
}

const EMPTY = Buffer.alloc(0);

function rejectedRecord(reject: RejectedTick): NewRecord {
  const headers = new Map<string, string>(Object.entries(rejectedHeaders(reject)));
  return { topic: REJECTED_TOPIC, key: reject.symbol ?? tickTopic(''), value: reject.payload, headers };
}

/** The records of each partition, in order. */
function byPartition(records: readonly LogRecord[]): LogRecord[][] {
  const runs = new Map<string, LogRecord[]>();
  let run: LogRecord[] = [];
  let topic = '';
  let partition = -1;
  for (const record of records) {
    if (record.topic !== topic || record.partition !== partition) {
      ({ topic, partition } = record);
      const key = `${topic}/${partition}`;
      run = runs.get(key) ?? [];
      runs.set(key, run);
    }
    run.push(record);
  }
  return [...runs.values()];
}

/**
 * The newest checkpoint of a partition, from the end of its bars; null where there is none. A late write of a former owner may follow
 * newer ones, so that the greatest position counts.
 */
async function readCheckpoint(log: RecordLog, symbol: string, partition: number): Promise<Checkpoint | null> {
  let newest: Checkpoint | null = null;
  for (const { topic, partition: at, earliest, end } of await log.ranges(barTopic(symbol, '1m'))) {
    for (let to = end; to > earliest && newest === null; to -= CHECKPOINT_DEPTH) {
      for (const record of await readRange(log, topic, at, Math.max(earliest, to - CHECKPOINT_DEPTH), to)) {
        const header = record.headers.get(CHECKPOINT);
        if (header === undefined) continue;
        const found = JSON.parse(header.toString()) as Checkpoint;
        if (found.partition === partition && found.position > (newest?.position ?? -1)) newest = found;
      }
    }
  }
  return newest;
}

/** The records of [from, to). */
async function readRange(
  log: RecordLog,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let next = from; next < to; ) {
    const page = (await log.read(topic, partition, next, to - next)).filter((record) => record.offset < to);
    if (page.length === 0) break;
    records.push(...page);
    next = page[page.length - 1]!.offset + 1;
  }
  return records;
}
