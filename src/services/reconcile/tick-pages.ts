import { EpochFilter, MOST_REPEATS } from '../../domain/tape/epoch-filter.ts';
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
    for (const record of page)
      if ((await takesRecord(log, filter, record)) && record.offset >= from) taken.push(record);
    yield taken;
  }
}

/** Whether a record counts, after the look back that an epoch's first one asks for. `isOf`: which records of the partition the filter sees. */
export async function takesRecord(
  log: RecordLog,
  filter: EpochFilter,
  record: LogRecord,
  isOf: (record: LogRecord) => boolean = () => true,
): Promise<boolean> {
  const known = filter.lookBack(record);
  if (known !== null) {
    const before: LogRecord[] = [];
    for await (const page of logPages(log, record.topic, record.partition, known.from, known.to))
      before.push(...page.filter(isOf));
    filter.begin(record, before);
  }
  return filter.takes(record);
}
