import { needAll } from '../../domain/base/needed-topics.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { EnrichmentNeeds } from './needs.ts';

const BATCH = 500;
/** After a failure, and how often it is looked for what other workers left: of its own it is told. */
const FIRST_WAIT_MS = 250;
const IDLE_MS = 5_000;
const LONGEST_WAIT_MS = 10_000;
/** What the end of a service may wait for the record log. */
const END_MS = 3_000;

/**
 * Brings stored analyses to their topic, in the order of their commits, at least once each: the record log may be away without holding up
 * enrichment. The key is symbol and timeframe; the id within tells a second copy.
 */
export class AnalysisOutbox {
  readonly #needs: Pick<EnrichmentNeeds, 'analyses' | 'log' | 'clock' | 'metrics' | 'journal'>;
  readonly #topic: string;
  readonly #published;
  readonly #gauge;
  #waiting = 0;
  #news: (() => void) | null = null;
  /** Whether analyses were stored since the last look. */
  #stored = false;
  #made = false;
  #lost = false;

  constructor(needs: EnrichmentNeeds, topic: string) {
    this.#needs = needs;
    this.#topic = topic;
    this.#published = needs.metrics.counter('pulse_enrichment_analyses_total');
    this.#gauge = needs.metrics.gauge('pulse_enrichment_unpublished');
  }

  /** Analyses that wait for the record log, at the last look. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Analyses were stored. */
  announce(): void {
    this.#stored = true;
    this.#news?.();
  }

  /** Resolves soon after `signal` aborts, whatever the record log is doing: what it does not take now waits in the database. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs;
    const over = new AbortController();
    const ended = new Promise<void>((resolve) => {
      const bound = (): void => void clock.sleep(END_MS, over.signal).then(resolve); // detached: `sleep` never rejects
      if (signal.aborted) bound();
      else signal.addEventListener('abort', bound, { once: true });
    });
    await Promise.race([this.#publishAll(signal), ended]);
    over.abort();
  }

  async #publishAll(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs;
    for (let wait = FIRST_WAIT_MS; !signal.aborted; ) {
      this.#stored = false;
      const published = await this.#publish();
      if (published === null) {
        wait = Math.min(LONGEST_WAIT_MS, wait * 2);
        await clock.sleep(wait, signal);
      } else {
        wait = FIRST_WAIT_MS;
        if (published < BATCH) await this.#untilStored(signal);
      }
    }
    // What was stored last, where the record log is there.
    if (!this.#lost) await this.#publish();
  }

  async #untilStored(signal: AbortSignal): Promise<void> {
    if (this.#stored) return;
    const over = new AbortController();
    this.#news = () => over.abort();
    await this.#needs.clock.sleep(IDLE_MS, AbortSignal.any([signal, over.signal]));
    this.#news = null;
  }

  /** How many left; null where an engine is away. */
  async #publish(): Promise<number | null> {
    const { analyses, log, journal } = this.#needs;
    try {
      if (!this.#made) needAll(await log.createTopics([{ topic: this.#topic }]));
      this.#made = true;
      const count = await analyses.publish(BATCH, async (waiting) => {
        await this.#look();
        await log.append(
          waiting.map(({ symbol, timeframe, text }) => ({
            topic: this.#topic,
            key: `${symbol}:${timeframe}`,
            value: Buffer.from(text),
          })),
        );
      });
      this.#published.inc(count);
      if (this.#lost) journal.event('info', 'engine.restored', 'analyses are published again');
      this.#lost = false;
      await this.#look();
      return count;
    } catch (error) {
      if (!(error instanceof PulseError)) throw error;
      if (!this.#lost)
        journal.event('warn', 'engine.lost', `analyses wait: ${error.message}`, {
          code: error.code,
          topic: this.#topic,
        });
      this.#lost = true;
      await this.#look().catch(() => undefined);
      return null;
    }
  }

  async #look(): Promise<void> {
    this.#waiting = await this.#needs.analyses.unpublished();
    this.#gauge.set(this.#waiting);
  }
}
