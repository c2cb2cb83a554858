import { PulseError } from '../../domain/errors/errors.ts';
import { tickTopic } from '../../domain/tick/symbol.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream, NewEntry } from '../../ports/entry-stream.ts';
import type { Journal } from '../../ports/journal.ts';
import type { PubSub } from '../../ports/pub-sub.ts';
import type { SourceTick } from '../../ports/tick-source.ts';

export interface PublisherNeeds {
  readonly pubsub: PubSub;
  readonly streams: EntryStream;
  readonly clock: Clock;
  readonly journal: Journal;
}

export interface PublisherOptions {
  /** `v2`: the streams are `v2:ticks:l1` and `v2:ticks:<SYMBOL>`. */
  readonly prefix: string;
  /** About how many ticks a stream keeps; 0 writes no streams. */
  readonly streamLength: number;
  /** Whether to write a stream for each symbol, too. */
  readonly symbolStreams: boolean;
}

/** How far past what is sought the stream is read: for what other publishers wrote meanwhile. */
const SLACK = 5_000;
const LONGEST_DELAY = 2_000;

/**
 * Brings ticks to their streams and then to their channels, in order, for as long as it takes. A stream gets each tick once: when an
 * append fails halfway, what follows the last known entry tells whether it was taken. A channel cannot be asked, so that a batch
 * whose publishing failed is published again as a whole: `republished` counts the ticks that subscribers may have seen twice.
 */
export class Publisher {
  readonly #needs: PublisherNeeds;
  readonly #options: PublisherOptions;
  readonly #all: string;
  /** The newest entry of the stream of all ticks that is surely not of the batch at hand. */
  #lastId: string | null = null;
  /** Whether both engines took what they were last given. */
  available = false;
  #lost = false;
  republished = 0;
  /** Appends of which only a look at the stream told that they were taken. */
  recovered = 0;

  constructor(needs: PublisherNeeds, options: PublisherOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#all = `${options.prefix}:ticks:l1`;
  }

  /** Resolves when all ticks are out; false when `giveUp` aborted before. Rejects with errors that no retry helps. */
  async publish(ticks: readonly SourceTick[], giveUp: AbortSignal): Promise<boolean> {
    if (this.#options.streamLength > 0 && !(await this.#append(ticks, giveUp))) return false;
    const { pubsub } = this.#needs;
    const messages = ticks.map(({ symbol, payload }) => ({ channel: tickTopic(symbol), payload }));
    return this.#untilDone(giveUp, async (attempt) => {
      if (attempt > 0) this.republished += ticks.length;
      await pubsub.publish(messages);
    });
  }

  async #append(ticks: readonly SourceTick[], giveUp: AbortSignal): Promise<boolean> {
    const { streams } = this.#needs;
    const entries = this.#entries(ticks);
    let asked = false;
    return this.#untilDone(giveUp, async () => {
      this.#lastId ??= (await streams.newest(this.#all, 1))[0]?.id ?? '0-0';
      if (asked && (await this.#isIn(ticks))) {
        this.recovered += 1;
        return;
      }
      asked = true;
      const ids = await streams.append(entries);
      // The stream of all ticks has every tick's last entry.
      this.#lastId = ids[ids.length - 1]!;
    });
  }

  #entries(ticks: readonly SourceTick[]): NewEntry[] {
    const { prefix, streamLength: maxLen, symbolStreams } = this.#options;
    return ticks.flatMap(({ symbol, payload }) => {
      const fields = { j: payload, symbol };
      const entry = { stream: this.#all, fields, maxLen };
      return symbolStreams ? [{ stream: `${prefix}:ticks:${symbol}`, fields, maxLen }, entry] : [entry];
    });
  }

  /** Whether an append that failed was taken after all: as a whole, or not at all. */
  async #isIn(ticks: readonly SourceTick[]): Promise<boolean> {
    const kept = ticks.slice(-this.#options.streamLength);
    const since = await this.#needs.streams.range(this.#all, `(${this.#lastId}`, '+', kept.length + SLACK);
    for (let from = since.length - kept.length; from >= 0; from -= 1) {
      if (!kept.every(({ payload }, i) => since[from + i]!.fields.j?.equals(payload) === true)) continue;
      this.#lastId = since[from + kept.length - 1]!.id;
      return true;
    }
    return false;
  }

  async #untilDone(giveUp: AbortSignal, work: (attempt: number) => Promise<void>): Promise<boolean> {
    const { clock, journal } = this.#needs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await work(attempt);
        if (this.#lost)
          journal.event('info', 'engine.restored', 'Redis answers again', {
            republished: this.republished,
            recovered: this.recovered,
          });
        this.#lost = false;
        this.available = true;
        return true;
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        if (!this.#lost) journal.event('warn', 'engine.lost', error.message);
        this.#lost = true;
        this.available = false;
      }
      if (giveUp.aborted) return false;
      await clock.sleep(Math.min(LONGEST_DELAY, 50 * 2 ** attempt), giveUp);
    }
  }
}
