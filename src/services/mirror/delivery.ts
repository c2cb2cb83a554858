import { epochHeaders } from '../../domain/epoch.ts';
import { PulseError } from '../../domain/errors.ts';
import { REJECTED_TOPIC } from '../../domain/rejected.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import type { LogWatch } from './gap-writer.ts';
import { lastSequences } from './resume.ts';
import { cutDown, isUsable, type Sizes, tickRecord, topicOf } from './tick-record.ts';

/** How much further back than what is being sent the log is searched for records that did arrive. */
const SLACK = 2_000;

export interface DeliveryOptions {
  readonly partitions: number;
  readonly retentionMs: number | null;
}

/** Of each topic of ticks, the end of each partition when an epoch began. */
export type Follows = ReadonlyMap<string, ReadonlyMap<number, number>>;

interface Epoch {
  readonly epoch: number;
  readonly follows: Follows;
  /** Topics in which a record of it is. */
  readonly begun: Set<string>;
  /** When it began (epoch milliseconds). */
  readonly at: number;
}

/** Brings ticks into the log: each once, in order, in the epoch of the lease. */
export class Delivery implements LogWatch {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #options: DeliveryOptions;
  readonly #topics = new Set<string>();
  #epoch: Epoch = { epoch: 0, follows: new Map(), begun: new Set(), at: Number.POSITIVE_INFINITY };
  available = true;
  /** Ticks that went to `ticks.rejected`. */
  rejected = 0;

  constructor(log: RecordLog, clock: Clock, journal: Journal, options: DeliveryOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#journal = journal;
    this.#options = options;
  }

  /** From now on records carry this epoch. `follows`: of each topic of ticks, up to where each partition was known when the epoch began. */
  begin(epoch: number, follows: Follows): void {
    this.#epoch = { epoch, follows, begun: new Set(), at: this.#clock.now() };
  }

  /**
   * Resolves with true when all ticks are in the log. With false when `stop` aborted before, or the log gave no certain answer: then some of
   * them may be in it, or may come there yet, and another epoch must begin before any is brought again.
   */
  async deliver(ticks: readonly TapeTick[], stop: AbortSignal): Promise<boolean> {
    const sizes: Sizes = new Map();
    const brought = this.#bring(ticks, false, sizes, stop);
    try {
      if (!(await unlessAborted(brought, stop))) return false;
    } catch (error) {
      if (!(error instanceof PulseError && error.retry)) throw error;
      this.lost(error);
      return false;
    }
    this.answers();
    for (const tick of ticks) this.#epoch.begun.add(topicOf(tick, sizes));
    this.rejected += ticks.filter((tick) => !isUsable(tick, sizes)).length;
    return true;
  }

  answers(): void {
    if (!this.available) this.#journal.event('info', 'engine.restored', 'the record log answers again');
    this.available = true;
  }

  lost(error: PulseError): void {
    if (this.available) this.#journal.event('warn', 'engine.lost', error.message);
    this.available = false;
  }

  /**
   * Appends them; where the log finds one too large, in ever smaller parts, until that one is found and goes to `ticks.rejected`. False:
   * `stop` aborted before. `uncertain`: the log may have some of them, and no more of them will come.
   */
  async #bring(ticks: readonly TapeTick[], uncertain: boolean, sizes: Sizes, stop: AbortSignal): Promise<boolean> {
    const left = await this.#missing(ticks, uncertain, sizes);
    const [first] = left;
    if (first === undefined) return true;
    try {
      await this.#createTopics(left, sizes);
      if (stop.aborted) return false;
      await this.#log.append(left.map((tick) => tickRecord(tick, sizes, this.#epochOf(topicOf(tick, sizes)))));
      return true;
    } catch (error) {
      if (!(error instanceof PulseError && error.code === 'log.record.too-large')) throw error;
      // The others may be in the log.
      const middle = left.length >> 1;
      if (middle === 0) {
        if (!cutDown(first, Number(error.evidence.limit), sizes)) throw error;
        return this.#bring(left, true, sizes, stop);
      }
      return (
        (await this.#bring(left.slice(0, middle), true, sizes, stop)) &&
        (await this.#bring(left.slice(middle), true, sizes, stop))
      );
    }
  }

  /** Of these ticks, those that the log does not hold yet. */
  async #missing(ticks: readonly TapeTick[], uncertain: boolean, sizes: Sizes): Promise<readonly TapeTick[]> {
    // What the topics of symbols hold was found out when the epoch began; of rejected ticks it is looked up here.
    const doubtful = uncertain
      ? ticks
      : ticks.filter((tick) => tick.receivedAt <= this.#epoch.at && !isUsable(tick, sizes));
    if (doubtful.length === 0) return ticks;
    const byTopic = Map.groupBy(doubtful, (tick) => topicOf(tick, sizes));
    const most = Math.max(...[...byTopic.values()].map(({ length }) => length));
    const sequences = await lastSequences(this.#log, [...byTopic.keys()], most + SLACK);
    return ticks.filter((tick) => !sequences.get(topicOf(tick, sizes))?.get(tick.instance)?.has(tick.seq));
  }

  /** The headers that tell the epoch. Until one record of a topic is in the log for certain, each may be the first of its epoch. */
  #epochOf(topic: string): [string, string][] {
    const { epoch, follows, begun } = this.#epoch;
    if (topic === REJECTED_TOPIC) return [];
    return epochHeaders(epoch, begun.has(topic) ? null : (follows.get(topic) ?? new Map()));
  }

  async #createTopics(ticks: readonly TapeTick[], sizes: Sizes): Promise<void> {
    const { partitions, retentionMs } = this.#options;
    const topics = new Set(ticks.map((tick) => topicOf(tick, sizes)));
    const missing = [...topics].filter((topic) => !this.#topics.has(topic));
    if (missing.length === 0) return;
    await this.#log.createTopics(
      missing.map((topic) => ({ topic, partitions, ...(retentionMs !== null && { retentionMs }) })),
    );
    for (const topic of missing) this.#topics.add(topic);
  }
}

/** What `work` gives, or false as soon as `stop` aborts. */
async function unlessAborted(work: Promise<boolean>, stop: AbortSignal): Promise<boolean> {
  const aborted = Promise.withResolvers<false>();
  const abort = (): void => aborted.resolve(false);
  stop.addEventListener('abort', abort, { once: true });
  if (stop.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    stop.removeEventListener('abort', abort);
    // What comes of it once nobody waits any more is found out when the next epoch begins.
    work.catch(() => undefined);
  }
}
