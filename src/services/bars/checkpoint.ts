import type { BuilderState } from '../../domain/bar/bar-builder.ts';
import { barTopic } from '../../domain/bar/bar-topics.ts';
import type { EpochState } from '../../domain/tape/epoch-filter.ts';
import { payloadHash } from '../../domain/tape/tape-alignment.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { type BuiltAt, builtAt, CHECKPOINT } from './built-at.ts';
import { type Ranges, readAll, type Stretch } from './stretches.ts';

/** A builder as it stood before the record at `position`. Travels as a header of the newest 1m bar, so that bar and checkpoint are one write. */
export interface Checkpoint extends BuiltAt {
  readonly state: BuilderState;
  /** The last record before `position`; absent in what older versions wrote. */
  readonly after?: TapeMark;
  /** What decides which records count from `position` on; absent where no record was seen. */
  readonly epochs?: EpochState;
}

/** What a record of the tape is known by. In a topic that was deleted and made anew another one stands at its offset. */
export interface TapeMark {
  readonly offset: number;
  /** Of its payload and its time. */
  readonly hash: number;
}

export const markOf = ({ offset, value, timestamp }: LogRecord): TapeMark => ({
  offset,
  hash: value === null ? timestamp : payloadHash(value) ^ timestamp,
});

/** Bars of a topic among which the newest checkpoint surely is, however many late writes of a former owner follow it. */
export const CHECKPOINT_DEPTH = 200;

/** Nearly always it is among so few; an older one is as good, it leaves more ticks to be taken again. Bars with checkpoints are large. */
const FIRST_DEPTH = 20;

/** Whose checkpoint is sought: the newest at or before the position `atMost`. */
export interface Sought {
  readonly symbol: string;
  readonly partition: number;
  readonly atMost: number;
}

/** A record with a checkpoint of the partition that is sought. */
interface Candidate {
  readonly position: number;
  readonly record: LogRecord;
}

/**
 * The checkpoints of each partition in the last bars that have any. A late write of a former owner may follow newer ones, so that the
 * greatest position counts, unless it proves to be of a topic that is gone.
 */
export class Candidates {
  #left: Candidate[];

  private constructor(found: Candidate[]) {
    this.#left = found.sort((a, b) => a.position - b.position);
  }

  /** Those of many partitions: a few questions to the log for all together, and one more for each `CHECKPOINT_DEPTH` bars that must be gone back further. */
  static async of(log: RecordLog, sought: readonly Sought[], ranges: Ranges): Promise<Candidates[]> {
    const found = sought.map((): Candidate[] => []);
    let open = sought.map((_, i) => i);
    for (let depth = 0, size = FIRST_DEPTH; open.length > 0; depth += size, size = CHECKPOINT_DEPTH) {
      const windows = open.flatMap((i) =>
        windowsOf(sought[i]!, ranges, depth, size).map((stretch) => ({ i, ...stretch })),
      );
      const pages = await readAll(log, windows);
      windows.forEach(({ i }, n) => {
        found[i]!.push(...pages[n]!.flatMap((record) => candidateOf(record, sought[i]!)));
      });
      const further = new Set(windows.map(({ i }) => i));
      open = open.filter((i) => found[i]!.length === 0 && further.has(i));
    }
    return found.map((each) => new Candidates(each));
  }

  /** The one with the greatest position. */
  newest(): Checkpoint | null {
    const last = this.#left.at(-1);
    return last === undefined ? null : (JSON.parse(last.record.headers.get(CHECKPOINT)!.toString()) as Checkpoint);
  }

  /** The newest one is of a topic that is gone, and so is all that was written before it. */
  disown(): void {
    const gone = this.#left.pop()?.record;
    if (gone === undefined) return;
    this.#left = this.#left.filter(
      ({ record: { partition, offset } }) => partition !== gone.partition || offset > gone.offset,
    );
  }
}

/** The bars of [end - depth - size, end - depth), in each partition of their topic. */
const windowsOf = ({ symbol }: Sought, ranges: Ranges, depth: number, size: number): Stretch[] =>
  ranges
    .of(barTopic(symbol, '1m'))
    .filter(({ earliest, end }) => end - depth > earliest)
    .map(({ topic, partition, earliest, end }) => ({
      topic,
      partition,
      from: Math.max(earliest, end - depth - size),
      to: end - depth,
    }));

function candidateOf(record: LogRecord, { partition, atMost }: Sought): Candidate[] {
  if (!record.headers.has(CHECKPOINT)) return [];
  const at = builtAt(record);
  if (at === null || at.partition !== partition || at.position > atMost) return [];
  return [{ position: at.position, record }];
}
