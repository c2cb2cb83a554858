import { barTopic } from '../../domain/bar/bar-topics.ts';
import { EpochFilter } from '../../domain/tape/epoch-filter.ts';
import { symbolOfTopic } from '../../domain/tick/symbol.ts';
import type { PartitionRange, RecordLog } from '../../ports/record-log.ts';
import { Candidates, type Checkpoint, markOf } from './checkpoint.ts';
import { LateWrites } from './late-writes.ts';
import { type PartitionBars, takeRuns } from './partition-bars.ts';
import { Ranges, readAll, readPages, type Stretch } from './stretches.ts';
import { type BuildOptions, SymbolBars } from './symbol-bars.ts';

/** A partition of ticks, to be brought to the place right before `before`, from the newest checkpoint at or before the position `atMost`. */
export interface Wanted {
  readonly topic: string;
  readonly partition: number;
  readonly before: number;
  readonly atMost: number;
}

export interface RestoreNeeds {
  readonly log: RecordLog;
  /** Told of a topic that was deleted and made anew: its checkpoints say nothing of what it holds now. */
  readonly madeAnew: (partition: Wanted, checkpoint: number, range: PartitionRange) => void;
}

/** Partitions at a time: bounds the bars and ticks in memory. */
const AT_ONCE = 100;

/** Brings partitions of ticks, with their bars, to where they are wanted. Asks for many at once. */
export class Restorer {
  readonly #needs: RestoreNeeds;
  readonly #options: BuildOptions;

  constructor(needs: RestoreNeeds, options: BuildOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  /** In the order of `wanted`. */
  async restore(wanted: readonly Wanted[]): Promise<PartitionBars[]> {
    const restored: PartitionBars[] = [];
    const topics = wanted.flatMap(({ topic }) => [topic, ...this.#barTopics(topic)]);
    const ranges = await Ranges.of(this.#needs.log, topics);
    for (let i = 0; i < wanted.length; i += AT_ONCE)
      restored.push(...(await this.#some(wanted.slice(i, i + AT_ONCE), ranges)));
    return restored;
  }

  #barTopics(topic: string): string[] {
    return (['1m', ...this.#options.bars.composites] as const).map((tf) => barTopic(symbolOfTopic(topic)!, tf));
  }

  async #some(wanted: readonly Wanted[], ranges: Ranges): Promise<PartitionBars[]> {
    const { log } = this.#needs;
    const checkpoints = await this.#checkpoints(wanted, ranges);
    const all = wanted.map((each, i) => this.#from(each, checkpoints[i]!, ranges));
    const stretches = all.flatMap((bars, i): (Stretch & { bars: PartitionBars })[] => {
      const { topic, partition, position } = bars;
      const to = this.#goal(wanted[i]!, ranges);
      return position < to ? [{ topic, partition, from: position, to, bars }] : [];
    });
    for await (const [{ bars }, records] of readPages(log, stretches)) await takeRuns(log, [{ bars, records }]);
    // Offsets may skip: what the log does not hold is not missing.
    for (const { bars, to } of stretches) if (bars.position < to) bars.position = to;
    return this.#unlessTruncated(wanted, all, stretches, ranges);
  }

  /** A topic that was made anew counts from zero again: what was known of the old one would hide its ticks. */
  #goal({ topic, partition, before }: Wanted, ranges: Ranges): number {
    return Math.min(before, ranges.at(topic, partition)?.end ?? before);
  }

  #from(wanted: Wanted, checkpoint: Checkpoint | null, ranges: Ranges): PartitionBars {
    const { topic, partition } = wanted;
    const range = ranges.at(topic, partition);
    const goal = this.#goal(wanted, ranges);
    const pipeline = new SymbolBars(symbolOfTopic(topic)!, this.#options, partition, checkpoint?.state ?? null);
    if (range !== undefined && checkpoint !== null && checkpoint.position < range.earliest)
      pipeline.builder.joined(null);
    return {
      topic,
      partition,
      pipeline,
      lateWrites: new LateWrites(this.#barTopics(topic), partition, checkpoint?.position ?? -1, ranges),
      epochs: new EpochFilter(checkpoint?.epochs ?? null),
      position: checkpoint?.position ?? Math.min(goal, range?.earliest ?? goal),
      last: checkpoint?.after ?? null,
    };
  }

  /** The newest checkpoint of each that is of the topic as it stands. */
  async #checkpoints(wanted: readonly Wanted[], ranges: Ranges): Promise<(Checkpoint | null)[]> {
    const sought = wanted.map(({ topic, partition, atMost }) => ({ symbol: symbolOfTopic(topic)!, partition, atMost }));
    const candidates = await Candidates.of(this.#needs.log, sought, ranges);
    const chosen = wanted.map((): Checkpoint | null => null);
    let open = wanted.map((_, i) => i);
    while (open.length > 0) {
      const newest = open.flatMap((i) => {
        const checkpoint = candidates[i]!.newest();
        return checkpoint === null ? [] : [{ i, checkpoint }];
      });
      const marks = newest.map(({ i, checkpoint }) => markStretch(wanted[i]!, checkpoint, ranges));
      const records = await readAll(this.#needs.log, marks);
      open = [];
      newest.forEach(({ i, checkpoint }, n) => {
        const range = ranges.at(wanted[i]!.topic, wanted[i]!.partition);
        const [record] = records[n]!;
        const isOther = record !== undefined && markOf(record).hash !== checkpoint.after?.hash;
        if (range === undefined || (checkpoint.position <= range.end && !isOther)) chosen[i] = checkpoint;
        else {
          this.#needs.madeAnew(wanted[i]!, checkpoint.position, range);
          candidates[i]!.disown();
          open.push(i);
        }
      });
    }
    return chosen;
  }

  /** Where retention took records away between the look at the range and the reading, they are read again, and what follows is known to be partial. */
  async #unlessTruncated(
    wanted: readonly Wanted[],
    all: readonly PartitionBars[],
    stretches: readonly (Stretch & { bars: PartitionBars })[],
    ranges: Ranges,
  ): Promise<PartitionBars[]> {
    if (stretches.length === 0) return [...all];
    const now = await Ranges.of(
      this.#needs.log,
      stretches.map(({ topic }) => topic),
    );
    const truncated = new Set(
      stretches
        .filter(({ topic, partition, from }) => {
          // What was gone before the look is known to be.
          const known = Math.max(from, ranges.at(topic, partition)?.earliest ?? from);
          return (now.at(topic, partition)?.earliest ?? known) > known;
        })
        .map(({ bars }) => bars),
    );
    return Promise.all(
      all.map(async (bars, i) => (truncated.has(bars) ? (await this.restore([wanted[i]!]))[0]! : bars)),
    );
  }
}

/** Where the record stands by which a checkpoint knows its tape; empty where it does not say, or where the record is gone. */
function markStretch({ topic, partition }: Wanted, { after }: Checkpoint, ranges: Ranges): Stretch {
  const range = ranges.at(topic, partition);
  const known =
    after !== undefined && range !== undefined && after.offset >= range.earliest && after.offset < range.end;
  const from = after?.offset ?? 0;
  return { topic, partition, from, to: known ? from + 1 : from };
}
