import { PulseError } from '../../domain/errors.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { LogPosition, RecordLog } from '../../ports/record-log.ts';

export interface LagNeeds {
  readonly log: RecordLog;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

/** How far a consumer is behind the end of its partitions, in records. */
export class LagWatch {
  readonly #needs: LagNeeds;
  readonly #limit: number;
  readonly #gauge;
  readonly #high = new Set<string>();
  /** Over all partitions, at the last look. */
  behind = 0;

  constructor(needs: LagNeeds, limit: number) {
    this.#needs = needs;
    this.#limit = limit;
    this.#gauge = needs.metrics.gauge('pulse_bars_lag_records', 'Records between what was read and the end.', [
      'topic',
      'partition',
    ]);
  }

  /** `positions`: of the partitions held, the next record to take. */
  async look(positions: readonly (Omit<LogPosition, 'offset'> & { readonly position: number })[]): Promise<void> {
    let behind = 0;
    for (const { topic, partition, position } of positions) {
      const end = await this.#end(topic, partition);
      if (end === null) return;
      const lag = Math.max(0, end - position);
      behind += lag;
      this.#gauge.set(lag, { topic, partition: String(partition) });
      this.#tell(topic, partition, lag);
    }
    this.behind = behind;
  }

  async #end(topic: string, partition: number): Promise<number | null> {
    try {
      return (await this.#needs.log.ranges([topic])).find((range) => range.partition === partition)?.end ?? 0;
    } catch (error) {
      // The log is away: what consumes from it says so.
      if (error instanceof PulseError && error.retry) return null;
      throw error;
    }
  }

  #tell(topic: string, partition: number, lag: number): void {
    const key = `${topic}/${partition}`;
    const data = { topic, partition, lag, limit: this.#limit };
    const { journal } = this.#needs;
    if (lag > this.#limit && !this.#high.has(key)) {
      this.#high.add(key);
      journal.event('warn', 'lag.high', `${key} is ${lag} records behind`, data);
    } else if (lag <= this.#limit && this.#high.delete(key)) {
      journal.event('info', 'lag.normal', `${key} is ${lag} records behind`, data);
    }
  }
}
