import { needAll } from '../../domain/base/needed-topics.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { RecordLog, RefusedTopic } from '../../ports/record-log.ts';

export interface MirrorTopicsOptions {
  readonly partitions: number;
  readonly retentionMs: number | null;
}

/** How long a refusal is taken for granted: whoever runs the log may remove what stands in the way. */
const ASK_AGAIN_MS = 60_000;
/** Refusals that are remembered: a publisher may make up any number of symbols. */
const REMEMBERED = 20_000;

/** The topics that ticks go to: those that are there, and those that the log refuses. */
export class MirrorTopics {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #options: MirrorTopicsOptions;
  readonly #made = new Set<string>();
  /** With the time (`clock.monotonic()`) from which on they are asked for again. */
  readonly #refused = new Map<string, { readonly refusal: RefusedTopic; readonly until: number }>();

  constructor(log: RecordLog, clock: Clock, journal: Journal, options: MirrorTopicsOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#journal = journal;
    this.#options = options;
  }

  has(topic: string): boolean {
    return this.#made.has(topic);
  }

  /** Why the log does not have a topic, as long as that is taken for granted; null where it was not asked for, or is to be asked for again. */
  refusal(topic: string): RefusedTopic | null {
    const known = this.#refused.get(topic);
    return known === undefined || known.until <= this.#clock.monotonic() ? null : known.refusal;
  }

  /** Makes topics: after that each is there (`has`) or was refused (`refusal`). Throws `log.topic.needed` for `ticks.rejected`. */
  async make(topics: readonly string[]): Promise<void> {
    const { partitions, retentionMs } = this.#options;
    const refused = await this.#log.createTopics(
      topics.map((topic) => ({ topic, partitions, ...(retentionMs !== null && { retentionMs }) })),
    );
    needAll(refused.filter(({ topic }) => topic === REJECTED_TOPIC));
    for (const topic of topics) this.#made.add(topic);
    for (const refusal of refused) this.refused(refusal);
  }

  /** The log refused it. */
  refused(refusal: RefusedTopic): void {
    const { topic, reason, collidesWith } = refusal;
    this.#made.delete(topic);
    if (!this.#refused.has(topic))
      this.#journal.event('warn', 'topic.refused', `ticks of ${topic} go to ${REJECTED_TOPIC}: ${reason}`, {
        topic,
        collidesWith,
      });
    if (this.#refused.size >= REMEMBERED) this.#refused.clear();
    this.#refused.set(topic, { refusal, until: this.#clock.monotonic() + ASK_AGAIN_MS });
  }
}
