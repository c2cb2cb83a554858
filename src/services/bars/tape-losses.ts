import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { LossNotice, PartitionRange } from '../../ports/record-log.ts';
import { keyOf } from './partition-bars.ts';

interface LossNeeds {
  readonly metrics: Metrics;
  readonly journal: Journal;
}

/** Ticks that were not taken. */
export interface TapeLoss extends LossNotice {
  /** Minutes under construction in the partition; null where nothing is known of it yet. */
  readonly openMinutes: number | null;
}

/** Tells, and counts, of ticks that the log no longer holds and that were not taken. */
export class TapeLosses {
  readonly #journal: Journal;
  readonly #losses;
  readonly #records;

  constructor({ metrics, journal }: LossNeeds) {
    this.#journal = journal;
    this.#losses = metrics.counter('pulse_bars_tape_losses_total');
    this.#records = metrics.counter('pulse_bars_truncated_records_total');
  }

  tell(loss: TapeLoss): void {
    const { topic, partition, from, to, reason, openMinutes } = loss;
    this.#losses.inc(1, { reason });
    const data = { topic, partition, from, to, reason, openMinutes };
    if (reason === 'truncated') {
      this.#records.inc(to - from);
      const text = `${to - from} records of ${keyOf(loss)} are gone from the log before they were taken; its open minutes are partial`;
      this.#journal.event('error', 'log.truncated', text, data);
    } else this.#tellAnew(topic, data);
  }

  /** A checkpoint shows that its topic was made anew while nobody consumed it. */
  foundAnew(
    { topic, partition }: { topic: string; partition: number },
    checkpoint: number,
    range: PartitionRange,
  ): void {
    this.#losses.inc(1, { reason: 'made-anew' });
    this.#tellAnew(topic, { topic, partition, from: checkpoint, to: range.earliest, reason: 'made-anew' });
  }

  #tellAnew(topic: string, data: Record<string, unknown>): void {
    const text = `${topic} was deleted and made anew; its bars begin again with what it holds now, the minutes that were open are left as they are`;
    this.#journal.event('error', 'topic.made-anew', text, data);
  }
}
