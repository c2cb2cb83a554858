import { unlessAborted } from '../../domain/base/unless-aborted.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { LogPosition, LogRecord, LossNotice, RecordLog } from '../../ports/record-log.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import { type BarMetrics, barMetrics } from './bar-metrics.ts';
import { BarWriter } from './bar-writer.ts';
import type { BarsNeeds } from './bars.ts';
import { HeldPartitions } from './held-partitions.ts';
import { LagWatch } from './lag-watch.ts';
import { repairLateWrites } from './late-repair.ts';
import { byPartition, type PartitionBars, takeRuns } from './partition-bars.ts';
import { Restorer } from './restore.ts';
import { Ranges } from './stretches.ts';
import type { BuildOptions } from './symbol-bars.ts';
import { TapeLosses } from './tape-losses.ts';

export interface CandidateOptions extends BuildOptions {
  readonly group: string;
  /** Records of a partition by which it may be behind before it says so. */
  readonly lagLimit: number;
}

/** Every topic of a symbol's ticks, and no other: `ticks.rejected` and dead letters are none. */
const TICK_TOPICS = /^ticks\.(?!rejected$)(?!.*\.dlq$)(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const LOOK_EVERY_MS = 5_000;
/** Looks take at most one part of the time in so many: each asks about all partitions. */
const LOOK_SHARE = 50;
const LONGEST_LOOK_PAUSE_MS = 60_000;
const RETRY_REFUSED_EVERY_MS = 60_000;
/** Of the ten seconds in which a service must end, what is left to the work that was begun; what was not committed comes again. */
const DRAIN_MS = 3_000;

/**
 * Builds bars from the record log. Its state is in its output: each write of bars carries the state of the builder and the offset
 * it belongs to, so that a restart, a crash or a rebalance goes on as if nothing had happened, and rewrites at most what it wrote before.
 * Whatever it asks the log, it asks for all partitions at once: requests grow with time and brokers, not with symbols.
 */
export class CandidateBars implements Service {
  readonly name = 'bars-candidate';
  readonly #needs: BarsNeeds & { log: RecordLog };
  readonly #options: CandidateOptions;
  readonly #metrics: BarMetrics;
  readonly #lag: LagWatch;
  readonly #losses: TapeLosses;
  readonly #restorer: Restorer;
  readonly #writer: BarWriter;
  readonly #held: HeldPartitions;
  /** Serialises what changes builders: batches and the clock. */
  #work: Promise<unknown> = Promise.resolve();
  #started = false;
  /** Whether the log answered when it was looked at last. */
  #answers = true;
  /** `clock.monotonic()` before which it does not look again. */
  #nextLook = 0;

  constructor(needs: BarsNeeds & { log: RecordLog }, options: CandidateOptions) {
    const { log, clock, journal } = needs;
    this.#needs = needs;
    this.#options = options;
    this.#metrics = barMetrics(needs.metrics, 'candidate');
    this.#lag = new LagWatch(needs, options.lagLimit);
    this.#losses = new TapeLosses(needs);
    this.#restorer = new Restorer({ log, madeAnew: (...found) => this.#losses.foundAnew(...found) }, options);
    this.#writer = new BarWriter({ log, journal, metrics: this.#metrics }, options);
    this.#held = new HeldPartitions({ log, clock, restorer: this.#restorer }, options.group);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, clock, journal } = this.#needs;
    journal.event('info', 'service.started', 'candidate bars follow the record log', { group: this.#options.group });
    const every = (ms: number, what: string, work: () => Promise<void>): void =>
      clock.every(ms, () => this.#serially(() => this.#telling(what, work)), signal);
    every(1_000, 'idle bars could not be written', () => this.#closeIdle());
    every(LOOK_EVERY_MS, 'late writes could not be put right', () => this.#look());
    every(RETRY_REFUSED_EVERY_MS, 'refused topics could not be made', () => this.#retryRefused());
    const giveUp = new AbortController();
    // detached: `sleep` never rejects
    signal.addEventListener('abort', () => void clock.sleep(DRAIN_MS).then(() => giveUp.abort()), { once: true });
    await log.consume(
      {
        group: this.#options.group,
        topics: { match: TICK_TOPICS },
        onAssignment: (held) => this.#assigned(held),
        onLoss: (loss) => this.#lost(loss),
      },
      (records) =>
        unlessAborted(
          this.#serially(() => this.#taking(records)),
          giveUp.signal,
          [],
        ),
      signal,
    );
    await unlessAborted(this.#work, giveUp.signal, undefined);
    journal.event('info', 'service.stopped', `wrote ${this.#writer.written} bars`);
  }

  readiness(): Readiness {
    if (!this.#writer.available || !this.#answers) return { ready: false, detail: 'waits for the record log' };
    return { ready: true, detail: this.#started ? 'builds bars' : 'waits for ticks' };
  }

  figures(): Record<string, number> {
    let open = 0;
    let ticks = 0;
    for (const { pipeline } of this.#held.all()) {
      open += pipeline.builder.openBars;
      ticks += pipeline.counts.taken;
    }
    return { ticks, bars: this.#writer.written, open, partitions: this.#held.size, lag: this.#lag.behind };
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  /** What fails here goes again with the next beat, or with the next ticks. */
  async #telling(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tell(what, error);
    }
  }

  #tell(what: string, error: unknown): void {
    if (error instanceof PulseError && error.retry) return;
    this.#needs.journal.event('error', 'bars.failed', `${what}: ${String(error)}`);
  }

  #assigned(held: readonly { topic: string; partition: number }[]): void {
    const unknown = this.#held.assign(held);
    // detached: later work waits for it in turn; `#telling` tells of a failure
    void this.#serially(() => this.#telling('partitions could not be taken over', () => this.#held.adopt(unknown)));
  }

  /** Told before any later record comes: the builders hear of it in the same order. */
  #lost(notice: LossNotice): void {
    // detached: later work waits for it in turn; a failure ends the process as a defect
    void this.#serially(async () => {
      const loss = this.#held.lost(notice);
      if (loss !== null) this.#losses.tell(loss);
    });
  }

  /** The log delivers again what is rejected here: a defect must not go round in silence. */
  async #taking(records: readonly LogRecord[]): Promise<LogPosition[]> {
    try {
      return await this.#take(records);
    } catch (error) {
      this.#tell('ticks could not be taken', error);
      throw error;
    }
  }

  async #take(records: readonly LogRecord[]): Promise<LogPosition[]> {
    this.#started = true;
    const runs = byPartition(records);
    const touched = await this.#held.broughtTo(runs.map((run) => run[0]!));
    const now = this.#needs.clock.now();
    for (const { pipeline } of touched) pipeline.lastTakenAt = now;
    await takeRuns(
      this.#needs.log,
      touched.map((bars, i) => ({ bars, records: runs[i]! })),
    );
    this.#metrics.leftOut(touched.map(({ epochs }) => epochs));
    await this.#writer.write(touched);
    return touched
      .filter((bars) => this.#writer.covers(bars))
      .map(({ topic, partition, position }) => ({ topic, partition, offset: position }));
  }

  /** Where the log holds more, a minute is not idle, only not delivered here: this member was paused, or lost its partition. */
  async #closeIdle(): Promise<void> {
    const now = this.#needs.clock.now();
    const overdue = this.#held.all().filter(({ pipeline }) => pipeline.overdue(now));
    const behind = await this.#held.behind(overdue);
    for (const bars of overdue) if (!behind.has(bars)) bars.pipeline.idle(now);
    for (const { pipeline } of behind) pipeline.lastTakenAt = now;
    // What was not delivered here, another member may have taken meanwhile.
    await this.#held.adopt([...behind]);
    const ready = this.#held.all().filter(({ pipeline }) => pipeline.bars.length > 0);
    if (ready.length > 0) await this.#writer.write(ready);
    this.#metrics.open.set(this.#held.all().reduce((sum, { pipeline }) => sum + pipeline.builder.openBars, 0));
  }

  /** How far behind the log's end it is, and what a former owner of a partition has overwritten with less: that is written again. */
  async #look(): Promise<void> {
    const { log, clock, journal } = this.#needs;
    const begun = clock.monotonic();
    if (begun < this.#nextLook) return;
    const partitions = this.#held.all();
    this.#answers = await log.ping().then(
      () => true,
      () => false,
    );
    // One that is away says nothing of how long a look takes.
    if (!this.#answers) return;
    const ranges = await Ranges.of(log, partitions.flatMap(topicsOf));
    this.#writer.looked(partitions);
    this.#lag.look(partitions, ranges);
    this.#writer.forget(new Set(partitions.flatMap(({ lateWrites }) => lateWrites.topics)), ranges);
    const needs = { log, clock, journal, restorer: this.#restorer, bars: this.#options.bars };
    const repaired = await repairLateWrites(needs, partitions, ranges);
    if (repaired.length > 0) await this.#writer.write(repaired);
    const ended = clock.monotonic();
    this.#nextLook = ended + Math.min(LOOK_SHARE * (ended - begun), LONGEST_LOOK_PAUSE_MS);
  }

  /** A topic that can be made at last lacks the bars so far: with the next tick they are built from all that the log still has. */
  async #retryRefused(): Promise<void> {
    const accepted = await this.#writer.retryRefused();
    if (accepted.size > 0) this.#held.drop(({ lateWrites }) => lateWrites.topics.some((topic) => accepted.has(topic)));
  }
}

const topicsOf = ({ topic, lateWrites }: PartitionBars): string[] => [topic, ...lateWrites.topics];
