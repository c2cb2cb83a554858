import { EpochFilter } from '../../domain/tape/epoch-filter.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { logPages } from '../../services/reconcile/log-pages.ts';
import { LEAD, takesRecord } from '../../services/reconcile/tick-pages.ts';

/** Only mirrors hold leases. */
const isOfMirror = ({ headers }: LogRecord): boolean => headers.get('service')?.toString() === 'mirror';

/** What two mirrors refused around a take-over stands among the dead letters twice, and is sent again once. */
export class LetterEpochs {
  readonly #log: RecordLog;
  readonly #partitions = new Map<number, { filter: EpochFilter; counts: Map<number, boolean> }>();

  constructor(log: RecordLog) {
    this.#log = log;
  }

  /** Of these records, in order, those that count. All but a mirror's do. What is delivered again counts as it did before. */
  async counting(records: readonly LogRecord[]): Promise<LogRecord[]> {
    const counting: LogRecord[] = [];
    for (const record of records) if (!isOfMirror(record) || (await this.#counts(record))) counting.push(record);
    return counting;
  }

  async #counts(record: LogRecord): Promise<boolean> {
    const { partition, offset } = record;
    let known = this.#partitions.get(partition);
    if (known === undefined) {
      known = { filter: await this.#filterBefore(record), counts: new Map() };
      this.#partitions.set(partition, known);
    }
    const counts = known.counts.get(offset) ?? (await this.#take(known.filter, record));
    known.counts.set(offset, counts);
    return counts;
  }

  /** A filter that has seen what stands before a record: a replay goes on where the one before ended. */
  async #filterBefore({ topic, partition, offset }: LogRecord): Promise<EpochFilter> {
    const filter = new EpochFilter();
    const ranges = await this.#log.ranges([topic]);
    const earliest = ranges.find((range) => range.partition === partition)?.earliest ?? 0;
    for await (const page of logPages(this.#log, topic, partition, Math.max(earliest, offset - LEAD), offset))
      for (const record of page.filter(isOfMirror)) await this.#take(filter, record);
    return filter;
  }

  #take(filter: EpochFilter, record: LogRecord): Promise<boolean> {
    return takesRecord(this.#log, filter, record, isOfMirror);
  }
}
