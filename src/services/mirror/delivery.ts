import { PulseError } from '../../domain/errors.ts';
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

/** Brings ticks into the log: each once, in order, however often the log goes away. */
export class Delivery implements LogWatch {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #options: DeliveryOptions;
  readonly #topics = new Set<string>();
  /** Instances of earlier runs, whose ticks come from the spool and may be in the log already. */
  readonly #instance: string;
  available = true;
  /** Ticks that went to `ticks.rejected`. */
  rejected = 0;

  constructor(log: RecordLog, clock: Clock, journal: Journal, instance: string, options: DeliveryOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#journal = journal;
    this.#instance = instance;
    this.#options = options;
  }

  /** Resolves when all ticks are in the log; false when `giveUp` aborted before. */
  async deliver(ticks: readonly TapeTick[], giveUp: AbortSignal): Promise<boolean> {
    // An earlier run may have died between the log's taking a tick and the spool's forgetting it.
    let uncertain = ticks.some((tick) => !tick.instance.startsWith(this.#instance));
    const sizes: Sizes = new Map();
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#bring(ticks, uncertain, sizes);
        this.answers();
        this.rejected += ticks.filter((tick) => !isUsable(tick, sizes)).length;
        return true;
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        this.lost(error);
        // The log may have taken some of them before it went away.
        uncertain = true;
      }
      if (giveUp.aborted) return false;
      await this.#clock.sleep(Math.min(100 * 2 ** attempt, 2_000), giveUp);
    }
  }

  answers(): void {
    if (!this.available) this.#journal.event('info', 'engine.restored', 'the record log answers again');
    this.available = true;
  }

  lost(error: PulseError): void {
    if (this.available) this.#journal.event('warn', 'engine.lost', error.message);
    this.available = false;
  }

  /** Appends them; where the log finds one too large, in ever smaller parts, until that one is found and goes to `ticks.rejected`. */
  async #bring(ticks: readonly TapeTick[], uncertain: boolean, sizes: Sizes): Promise<void> {
    const left = uncertain ? await this.#missing(ticks, sizes) : ticks;
    const [first] = left;
    if (first === undefined) return;
    try {
      await this.#createTopics(left, sizes);
      await this.#log.append(left.map((tick) => tickRecord(tick, sizes)));
    } catch (error) {
      if (!(error instanceof PulseError && error.code === 'log.record.too-large')) throw error;
      // The others may be in the log.
      const middle = left.length >> 1;
      if (middle === 0) {
        if (!cutDown(first, Number(error.evidence.limit), sizes)) throw error;
        return this.#bring(left, true, sizes);
      }
      await this.#bring(left.slice(0, middle), true, sizes);
      await this.#bring(left.slice(middle), true, sizes);
    }
  }

  /** Of these ticks, those that the log does not hold yet. */
  async #missing(ticks: readonly TapeTick[], sizes: Sizes): Promise<TapeTick[]> {
    const byTopic = Map.groupBy(ticks, (tick) => topicOf(tick, sizes));
    const most = Math.max(...[...byTopic.values()].map(({ length }) => length));
    const sequences = await lastSequences(this.#log, [...byTopic.keys()], most + SLACK);
    return ticks.filter((tick) => !sequences.get(topicOf(tick, sizes))?.get(tick.instance)?.has(tick.seq));
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
