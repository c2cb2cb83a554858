import { judgeBars } from './bar-verdict.ts';
import type { Evidence, Fault } from './evidence.ts';
import { newestGaps, tells } from './gap-records.ts';
import { judgeGaps } from './gap-verdict.ts';
import { judgeTicks } from './tick-verdict.ts';

/** What the judge says of one run. */
export interface Verdict {
  readonly faults: readonly Fault[];
  readonly figures: {
    readonly published: number;
    readonly inKafka: number;
    readonly inGaps: number;
    readonly rejected: number;
    readonly unsure: number;
    readonly lost: number;
    readonly doubled: number;
    readonly leftOut: number;
    readonly bars: number;
    readonly differences: number;
    readonly openGaps: number;
    /** Of those with a known beginning: nothing that they tell of is missing. */
    readonly openWhole: number;
    readonly closedGaps: number;
  };
}

/** The verdict follows from the evidence alone. */
export function judge(evidence: Evidence): Verdict {
  const ticks = judgeTicks(evidence);
  const bars = judgeBars(evidence, ticks);
  const gaps = newestGaps(evidence.gaps);
  const closedGaps = gaps.filter(({ status }) => status === 'closed').length;
  const { published, inKafka, inGaps, rejected, unsure, lost, doubled, leftOut } = ticks;
  return {
    faults: [...ticks.faults, ...judgeGaps(evidence), ...bars.faults],
    figures: {
      published,
      inKafka,
      inGaps,
      rejected,
      unsure,
      lost,
      doubled,
      leftOut,
      bars: bars.compared,
      differences: bars.differences,
      openWhole: gaps.filter(
        (gap) =>
          gap.status === 'open' && gap.from !== null && ![...ticks.missing].some((tick) => tells(gap, tick, null)),
      ).length,
      openGaps: gaps.length - closedGaps,
      closedGaps,
    },
  };
}

/** Faults of one kind in one line. */
export function summary(faults: readonly Fault[]): string[] {
  return [...Map.groupBy(faults, ({ kind }) => kind)].map(([kind, own]) => {
    const count = own.reduce((sum, fault) => sum + fault.count, 0);
    const [first] = own;
    return `${kind}: ${count} in ${own.length} place${own.length === 1 ? '' : 's'}, as ${first!.where}: ${first!.text.slice(0, 700)}`;
  });
}
