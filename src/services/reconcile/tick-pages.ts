import { EpochFilter, MOST_REPEATS } from '../../domain/epoch-filter.ts';
import type { LogRecord, PartitionRange, RecordLog } from '../../ports/record-log.ts';
import { logPages } from './log-pages.ts';

/** Records before a stretch from which the epoch at its beginning is learnt: more than a mirror that lost its lease can append late. */
export const LEAD = MOST_REPEATS + 5_000;

/** The records of [from, to) of a partition of ticks that count, page by page: where one mirror took over from another, each tick once. */
export async function* tickPages(
  log: RecordLog,
  { topic, partition, earliest }: PartitionRange,
  from: number,
  to: number,
): AsyncGenerator<readonly LogRecord[]> {
  const filter = new EpochFilter();
  for await (const page of logPages(log, topic, partition, Math.max(earliest, from - LEAD), to)) {
    const taken: LogRecord[] = [];
    for (const record of page) {
      const known = filter.lookBack(record);
      if (known !== null) {
        const before: LogRecord[] = [];
        for await (const each of logPages(log, topic, partition, known.from, known.to)) before.push(...each);
        filter.begin(record, before);
      }
      if (filter.takes(record) && record.offset >= from) taken.push(record);
    }
    yield taken;
  }
}
