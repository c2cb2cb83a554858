import { PulseError } from '../../domain/errors.ts';
import { REJECTED_TOPIC, rejectedHeaders } from '../../domain/rejected.ts';
import { tickTopic } from '../../domain/symbol.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { NewRecord, RecordLog } from '../../ports/record-log.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import { lastSequences } from './resume.ts';

/** How much further back than what is being sent the log is searched for records that did arrive. */
const SLACK = 2_000;
/** The log accepts a megabyte; headers and framing need some of it. */
const MAX_BYTES = 900_000;

export interface DeliveryOptions {
  readonly partitions: number;
  readonly retentionMs: number | null;
}

/** Brings ticks into the log: each once, in order, however often the log goes away. */
export class Delivery {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #options: DeliveryOptions;
  readonly #topics = new Set<string>();
  /** Instances of earlier runs, whose ticks come from the spool and may be in the log already. */
  readonly #instance: string;
  available = true;
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
    let left = ticks;
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (uncertain) left = await this.#missing(left);
        await this.#createTopics(left);
        await this.#log.append(left.map((tick) => this.#record(tick)));
        if (!this.available) this.#journal.event('info', 'engine.restored', 'the record log answers again');
        this.available = true;
        return true;
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        if (this.available) this.#journal.event('warn', 'engine.lost', error.message);
        this.available = false;
        // The log may have taken some of them before it went away.
        uncertain = true;
      }
      if (giveUp.aborted) return false;
      await this.#clock.sleep(Math.min(100 * 2 ** attempt, 2_000), giveUp);
    }
  }

  /** Of these ticks, those that the log does not hold yet. */
  async #missing(ticks: readonly TapeTick[]): Promise<TapeTick[]> {
    const sequences = new Map<string, Map<string, number>>();
    for (const topic of new Set(ticks.map(topicOf))) {
      const depth = ticks.filter((tick) => topicOf(tick) === topic).length + SLACK;
      sequences.set(topic, await lastSequences(this.#log, topic, depth));
    }
    return ticks.filter((tick) => !(tick.seq <= (sequences.get(topicOf(tick))?.get(tick.instance) ?? -1)));
  }

  async #createTopics(ticks: readonly TapeTick[]): Promise<void> {
    const { partitions, retentionMs } = this.#options;
    const missing = [...new Set(ticks.map(topicOf))].filter((topic) => !this.#topics.has(topic));
    if (missing.length === 0) return;
    await this.#log.createTopics(
      missing.map((topic) => ({ topic, partitions, ...(retentionMs !== null && { retentionMs }) })),
    );
    for (const topic of missing) this.#topics.add(topic);
  }

  #record(tick: TapeTick): NewRecord {
    const headers = new Map<string, Buffer | string>([
      ['instance', tick.instance],
      ['seq', String(tick.seq)],
      ['received', String(tick.receivedAt)],
    ]);
    if (tick.joinedAt !== null) headers.set('joined', String(tick.joinedAt));
    if (isUsable(tick))
      return { topic: topicOf(tick), key: tick.symbol, value: tick.payload, headers, timestamp: tick.receivedAt };
    this.rejected += 1;
    const tooLarge = tick.symbol !== null;
    const evidence = tooLarge ? { bytes: tick.payload.length, allowed: MAX_BYTES } : { value: tick.channel };
    const error = new PulseError(tooLarge ? 'tick.too-large' : 'tick.symbol.illegal', evidence);
    const reason = tooLarge ? 'tick.too-large' : 'tick.symbol.illegal';
    const payload = tick.payload.subarray(0, MAX_BYTES);
    const why = rejectedHeaders({
      reason,
      message: error.message,
      source: tick.channel,
      service: 'mirror',
      symbol: tick.symbol,
      ts: null,
      payload,
    });
    for (const [name, value] of Object.entries(why)) headers.set(name, value);
    return {
      topic: REJECTED_TOPIC,
      key: tick.symbol ?? tick.channel,
      value: payload,
      headers,
      timestamp: tick.receivedAt,
    };
  }
}

const isUsable = (tick: TapeTick): boolean => tick.symbol !== null && tick.payload.length <= MAX_BYTES;

const topicOf = (tick: TapeTick): string =>
  tick.symbol !== null && isUsable(tick) ? tickTopic(tick.symbol) : REJECTED_TOPIC;
