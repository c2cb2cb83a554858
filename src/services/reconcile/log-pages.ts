import type { LogRecord, RecordLog } from '../../ports/record-log.ts';

const PAGE = 5_000;

/** The records of [from, to) of a partition, page by page. */
export async function* logPages(
  log: RecordLog,
  topic: string,
  partition: number,
  from: number,
  to: number,
): AsyncGenerator<readonly LogRecord[]> {
  for (let next = from; next < to; ) {
    const [read] = await log.read([{ topic, partition, from: next, max: Math.min(PAGE, to - next) }]);
    const page = read!.filter((r) => r.offset < to);
    if (page.length === 0) return;
    yield page;
    next = page[page.length - 1]!.offset + 1;
  }
}

/** Every record of a topic, partition by partition. */
export async function* recordsOf(log: RecordLog, topic: string): AsyncGenerator<LogRecord> {
  for (const { partition, earliest, end } of await log.ranges([topic]))
    for await (const page of logPages(log, topic, partition, earliest, end)) yield* page;
}
