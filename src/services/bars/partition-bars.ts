import { JOINED } from '../../domain/gap/gap.ts';
import type { EpochFilter } from '../../domain/tape/epoch-filter.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { markOf, type TapeMark } from './checkpoint.ts';
import type { LateWrites } from './late-writes.ts';
import { readAll } from './stretches.ts';
import type { SymbolBars } from './symbol-bars.ts';

/** The bars of one partition of ticks. */
export interface PartitionBars {
  readonly topic: string;
  readonly partition: number;
  readonly pipeline: SymbolBars;
  readonly lateWrites: LateWrites;
  /** Which of the records count, where one mirror took over from another. */
  readonly epochs: EpochFilter;
  /** Offset of the next record to take. */
  position: number;
  /** The last record taken; null where none is known. */
  last: TapeMark | null;
}

/** Names a partition of ticks. */
export const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string =>
  `${topic}/${partition}`;

const EMPTY = Buffer.alloc(0);

/** Records of a partition, in order. */
export interface Run {
  readonly bars: PartitionBars;
  readonly records: readonly LogRecord[];
}

/** Takes records; those before the position of their partition are known already. At most one run for a partition. */
export async function takeRuns(log: RecordLog, runs: readonly Run[]): Promise<void> {
  for (let open: readonly Stopped[] = runs.map((run) => ({ ...run, from: 0 })); open.length > 0; ) {
    const stopped = open.flatMap((run) => takeRun(run) ?? []);
    // Where epochs begin, what stands before must be known: of all partitions with one question.
    const looks = stopped.map(({ bars, records, from }) => {
      const { topic, partition } = bars;
      return { topic, partition, ...bars.epochs.lookBack(records[from]!)! };
    });
    const before = await readAll(log, looks);
    stopped.forEach(({ bars, records, from }, i) => bars.epochs.begin(records[from]!, before[i]!));
    open = stopped;
  }
}

interface Stopped extends Run {
  /** Index of the next record to take. */
  readonly from: number;
}

/** Takes records until one must be looked back from: stops before it. */
function takeRun({ bars, records, from }: Stopped): Stopped | null {
  for (let i = from; i < records.length; i += 1) {
    const record = records[i]!;
    if (record.offset < bars.position) continue;
    if (bars.epochs.lookBack(record) !== null) return { bars, records, from: i };
    bars.position = record.offset + 1;
    if (bars.epochs.takes(record)) takeRecord(bars, record);
  }
  const last = records.at(-1);
  if (last !== undefined && last.offset === bars.position - 1) bars.last = markOf(last);
  return null;
}

function takeRecord({ pipeline }: PartitionBars, record: LogRecord): void {
  const { topic, partition, offset, value, headers, timestamp } = record;
  const joined = headers.get(JOINED);
  if (joined !== undefined) pipeline.builder.joined(Number(joined.toString()));
  pipeline.take(value ?? EMPTY, offset, timestamp, () => `${topic}/${partition}@${offset}`);
}

/** The records of each partition, in order. */
export function byPartition(records: readonly LogRecord[]): LogRecord[][] {
  const runs: LogRecord[][] = [];
  /** Those of each topic, by partition. */
  const ofTopic = new Map<string, LogRecord[][]>();
  let run: LogRecord[] = [];
  let topic = '';
  let partition = -1;
  for (const record of records) {
    if (record.topic !== topic || record.partition !== partition) {
      ({ topic, partition } = record);
      let own = ofTopic.get(topic);
      if (own === undefined) {
        own = [];
        ofTopic.set(topic, own);
      }
      const known = own[partition];
      if (known === undefined) {
        run = [];
        own[partition] = run;
        runs.push(run);
      } else run = known;
    }
    run.push(record);
  }
  return runs;
}
