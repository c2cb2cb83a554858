import type { LogRecord } from '../../ports/record-log.ts';
import { markOf, type TapeMark } from './checkpoint.ts';
import type { LateWrites } from './late-writes.ts';
import type { SymbolBars } from './symbol-bars.ts';

/** The bars of one partition of ticks. */
export interface PartitionBars {
  readonly topic: string;
  readonly partition: number;
  readonly pipeline: SymbolBars;
  readonly lateWrites: LateWrites;
  /** Offset of the next record to take. */
  position: number;
  /** The last record taken; null where none is known. */
  last: TapeMark | null;
}

/** Names a partition of ticks. */
export const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}/${partition}`;

const EMPTY = Buffer.alloc(0);

/** Takes records of the partition, in order; those before its position are known already. */
export function takeRecords(bars: PartitionBars, records: readonly LogRecord[]): void {
  for (const record of records) takeRecord(bars, record);
  const last = records.at(-1);
  if (last !== undefined && last.offset === bars.position - 1) bars.last = markOf(last);
}

function takeRecord(bars: PartitionBars, record: LogRecord): void {
  const { topic, partition, offset, value, headers, timestamp } = record;
  if (offset < bars.position) return;
  bars.position = offset + 1;
  const joined = headers.get('joined');
  if (joined !== undefined) bars.pipeline.builder.joined(Number(joined.toString()));
  bars.pipeline.take(value ?? EMPTY, offset, timestamp, () => `${topic}/${partition}@${offset}`);
}

/** The records of each partition, in order. */
export function byPartition(records: readonly LogRecord[]): LogRecord[][] {
  const runs = new Map<string, LogRecord[]>();
  let run: LogRecord[] = [];
  let topic = '';
  let partition = -1;
  for (const record of records) {
    if (record.topic !== topic || record.partition !== partition) {
      ({ topic, partition } = record);
      const key = keyOf(record);
      run = runs.get(key) ?? [];
      runs.set(key, run);
    }
    run.push(record);
  }
  return [...runs.values()];
}
