import { EpochFilter } from '../../domain/epoch-filter.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { logPages } from '../../services/reconcile/log-pages.ts';

/** Only mirrors hold leases. */
const isOfMirror = ({ headers }: LogRecord): boolean => headers.get('service')?.toString() === 'mirror';

/** What two mirrors refused around a take-over stands among the dead letters twice, and is sent again once. */
export class LetterEpochs {
  readonly #log: RecordLog;
  readonly #filters = new Map<number, EpochFilter>();

  constructor(log: RecordLog) {
    this.#log = log;
  }

  /** Of these records, in order, those that count. All but a mirror's do. */
  async counting(records: readonly LogRecord[]): Promise<LogRecord[]> {
    const counting: LogRecord[] = [];
    for (const record of records) if (!isOfMirror(record) || (await this.#counts(record))) counting.push(record);
    return counting;
  }

  async #counts(record: LogRecord): Promise<boolean> {
    const { topic, partition } = record;
    let filter = this.#filters.get(partition);
    if (filter === undefined) {
      filter = new EpochFilter();
      this.#filters.set(partition, filter);
    }
    const known = filter.lookBack(record);
    if (known !== null) {
      const before: LogRecord[] = [];
      for await (const page of logPages(this.#log, topic, partition, known.from, known.to))
        before.push(...page.filter(isOfMirror));
      filter.begin(record, before);
    }
    return filter.takes(record);
  }
}
