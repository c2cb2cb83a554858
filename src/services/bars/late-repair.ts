import type { BarOptions } from '../../domain/bar/bar-options.ts';
import { bucketOf } from '../../domain/bar/bucket.ts';
import { outranks, sameContent, sideBar } from '../../domain/parity/parity-bar.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { placeOf } from './bar-records.ts';
import { barId, type LateBar } from './late-writes.ts';
import { keyOf, type PartitionBars } from './partition-bars.ts';
import type { Restorer } from './restore.ts';
import { type Ranges, readWhole, type Stretch } from './stretches.ts';

export interface RepairNeeds {
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly restorer: Restorer;
  readonly bars: BarOptions;
}

/** What of a partition is late. */
interface Late {
  readonly bars: PartitionBars;
  readonly late: readonly LateBar[];
}

/**
 * Finds what former owners of partitions have overwritten with less, and puts the bars as they must be among those that are ready to be
 * written; gives the partitions that have such. `ranges`: where the topics of bars end now.
 */
export async function repairLateWrites(
  needs: RepairNeeds,
  partitions: readonly PartitionBars[],
  ranges: Ranges,
): Promise<PartitionBars[]> {
  const unseen = partitions.flatMap((bars) =>
    bars.lateWrites.unseen(ranges).map((stretch): Unseen => ({ ...stretch, bars })),
  );
  for await (const [stretch, records] of readWhole(needs.log, unseen)) stretch.bars.lateWrites.saw(stretch, records);
  const late = partitions.flatMap((bars): Late[] => {
    const found = bars.lateWrites.looked(ranges).filter((each) => isClosed(bars, each, needs.bars));
    return found.length === 0 ? [] : [{ bars, late: found }];
  });
  if (late.length === 0) return [];
  // What its writer did not know is in the ticks: from where it stood on, they give the bars anew.
  const again = await needs.restorer.restore(
    late.map(({ bars: { topic, partition, position }, late: found }) => ({
      topic,
      partition,
      before: position,
      atMost: Math.min(...found.map((each) => each.position)),
    })),
  );
  return late.filter((each, i) => putRight(needs, each, again[i]!)).map(({ bars }) => bars);
}

interface Unseen extends Stretch {
  readonly bars: PartitionBars;
}

/** Whether this bar, as the owner has it, is closed; else it will be written anyway. */
function isClosed(
  { pipeline: { builder } }: PartitionBars,
  { bar: { start }, tf }: LateBar,
  options: BarOptions,
): boolean {
  const { timeZoneOrigin, graceMs } = options;
  return builder.openBars === 0 || builder.watermark >= bucketOf(tf, start, timeZoneOrigin).end + graceMs;
}

/** Whether there is anything to write. `again`: the same partition, built from before the late writes. */
function putRight({ clock, journal }: RepairNeeds, { bars, late }: Late, again: PartitionBars): boolean {
  if (bars.pipeline.builder.openBars === 0) again.pipeline.idle(clock.now());
  const built = new Map(again.pipeline.bars.map((b) => [barId(placeOf(b)), b]));
  const better = late.flatMap(({ id, bar }) => {
    const b = built.get(id);
    return b === undefined || sameContent(sideBar(b), bar) || outranks(bar, sideBar(b)) ? [] : [b];
  });
  for (const each of late) bars.lateWrites.settled(each);
  if (better.length === 0) return false;
  const starts = better.map(({ start }) => new Date(start).toISOString());
  journal.event('warn', 'bar.rewritten', `a former owner of ${keyOf(bars)} wrote late`, { starts });
  bars.pipeline.bars.unshift(...better);
  return true;
}
