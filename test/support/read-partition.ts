import type { LogRecord, RecordLog } from '../../src/ports/record-log.ts';

/** Reads one partition: up to `max` records from `from` on. */
export async function readPartition(
  log: RecordLog,
  topic: string,
  partition: number,
  from: number,
  max: number,
): Promise<LogRecord[]> {
  const [records] = await log.read([{ topic, partition, from, max }]);
  return records!;
}
