import type { ConsumeOptions, LogPosition, LogRecord, NewRecord, RecordLog } from '../../../src/ports/record-log.ts';
import { readPartition } from '../../support/read-partition.ts';
import type { Tools } from '../tools.ts';

export type RecordLogTools = Tools<RecordLog>;

/** Ticks as a feed writes them: `count` of them, told apart by their `seq`. */
export function ticks(
  topic: string,
  count: number,
  { key = 'EURUSD', from = 0 }: { key?: string | null; from?: number } = {},
): NewRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    topic,
    key,
    value: Buffer.from(`{"ts":1772539200,"bid":1.0841,"ask":1.0842,"seq":${from + i}}`),
  }));
}

export const seqOf = ({ value }: { readonly value: Buffer | null }): number => JSON.parse(value!.toString()).seq;

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The positions after the last of these records, for each partition. */
export function after(records: readonly LogRecord[]): LogPosition[] {
  const positions = new Map(
    records.map(({ topic, partition, offset }) => [`${topic} ${partition}`, { topic, partition, offset: offset + 1 }]),
  );
  return [...positions.values()];
}

/** Each record once, in the order in which each partition gave it first. */
export function once(records: readonly LogRecord[]): LogRecord[] {
  return [
    ...new Map(
      records.map((record) => [`${record.topic} ${record.partition} ${record.offset}`, record] as const).reverse(),
    ).values(),
  ].reverse();
}

/** Everything that a partition holds. */
export async function readAll(log: RecordLog, topic: string, partition = 0): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  for (let from = 0; ; from = found.at(-1)!.offset + 1) {
    const records = await readPartition(log, topic, partition, from, 5000);
    if (records.length === 0) return found;
    found.push(...records);
  }
}

/** Everything that all partitions of a topic hold. */
export async function readTopic(log: RecordLog, topic: string): Promise<LogRecord[]> {
  const ranges = await log.ranges([topic]);
  return (await Promise.all(ranges.map(({ partition }) => readAll(log, topic, partition)))).flat();
}

/** A consumer that keeps what it gets. */
export interface Reader {
  /** In the order of delivery, duplicates included. */
  readonly records: LogRecord[];
  /** What it holds now: `<topic> <partition>`. */
  readonly holds: ReadonlySet<string>;
  /** Ends it; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts a consumer. `answer` says what to commit for a batch (default: all of it); it may reject. */
export function consumer(
  log: RecordLog,
  tools: RecordLogTools,
  options: Omit<ConsumeOptions, 'onAssignment'>,
  answer: (records: readonly LogRecord[]) => readonly LogPosition[] | Promise<readonly LogPosition[]> = after,
): Reader {
  const records: LogRecord[] = [];
  const holds = new Set<string>();
  const stop = new AbortController();
  const onAssignment: ConsumeOptions['onAssignment'] = (partitions) => {
    holds.clear();
    for (const { topic, partition } of partitions) holds.add(`${topic} ${partition}`);
  };
  const handle = async (batch: readonly LogRecord[]): Promise<readonly LogPosition[]> => {
    records.push(...batch);
    return answer(batch);
  };
  const running = log.consume({ ...options, onAssignment }, handle, AbortSignal.any([stop.signal, tools.signal]));
  tools.background(running);
  return {
    records,
    holds,
    stop: () => {
      stop.abort();
      return running;
    },
  };
}
