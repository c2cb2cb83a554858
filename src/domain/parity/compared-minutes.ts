import { minuteOf } from '../base/timeframe.ts';
import type { Comparison, SideEvidence } from './comparison.ts';
import { type SettledBar, type Side, type SideBar, settledBar, sideNames, sides } from './parity-bar.ts';
import { gapTouches } from './parity-cause.ts';
import type { MinuteSides, SideMinute } from './parity-minute.ts';
import type { UnreadableBar } from './side-bars.ts';

/** A minute to compare, and which versions of its bars there are. */
export type Minute = MinuteSides & { readonly settled: Readonly<Partial<Record<Side, SettledBar>>> };

/** Every minute of the range in which a side has a bar, in order, with all that is known of it. */
export function minutesOf(comparison: Comparison): Minute[] {
  const { symbol, from, to, noise = false, ticksRead } = comparison;
  const names = sideNames(noise);
  const versions = {
    incumbent: byMinute(comparison.incumbent.bars, from, to),
    candidate: byMinute(comparison.candidate.bars, from, to),
  };
  const late = {
    incumbent: byMinute(lateOf(comparison.incumbent), from, to),
    candidate: byMinute(lateOf(comparison.candidate), from, to),
  };
  const unread = sides.flatMap((side) => unreadStarts(comparison[side], versions[side], from, to));
  const starts = [...new Set([...versions.incumbent.keys(), ...versions.candidate.keys(), ...unread])].sort(
    (a, b) => a - b,
  );
  const unreadable = {
    incumbent: placed(comparison.incumbent.unreadable ?? [], starts, versions.incumbent),
    candidate: placed(comparison.candidate.unreadable ?? [], starts, versions.candidate),
  };
  return starts.map((start) => {
    const settled: Partial<Record<Side, SettledBar>> = {};
    const side = (name: Side): SideMinute => {
      const found = versions[name].get(start);
      const { gaps, ticks } = comparison[name];
      if (found !== undefined) settled[name] = settledBar(found);
      return {
        bar: settled[name]?.bar ?? null,
        empty: false,
        contradiction: settled[name]?.contradiction ?? null,
        unreadable: unreadable[name].get(start) ?? null,
        gaps: gaps.filter((gap) => gapTouches(gap, symbol, start)).sort((a, b) => (a.id < b.id ? -1 : 1)),
        late: late[name].get(start) ?? [],
        ticks: ticks?.get(start) ?? null,
      };
    };
    const beyond = ticksRead === undefined || ticksRead.has(start) ? null : ticksRead.size;
    return { symbol, start, names, beyond, incumbent: side('incumbent'), candidate: side('candidate'), settled };
  });
}

/** Minutes of which a side has a bar that cannot be read, and none that can. */
const unreadStarts = (
  { unreadable = [] }: SideEvidence,
  versions: ReadonlyMap<number, readonly SideBar[]>,
  from: number,
  to: number,
): number[] =>
  unreadable.flatMap(({ start }) =>
    start !== null && start >= from && start < to && !versions.has(start) ? [start] : [],
  );

/**
 * Bars that cannot be read, by the minute that they are of. One that does not say its minute is of one that its side lacks between its
 * neighbours, where no more are lacking there than stand there unread.
 */
function placed(
  unreadable: readonly UnreadableBar[],
  starts: readonly number[],
  versions: ReadonlyMap<number, readonly SideBar[]>,
): Map<number, UnreadableBar> {
  const found = new Map<number, UnreadableBar>();
  for (const bar of unreadable) if (bar.start !== null && !versions.has(bar.start)) found.set(bar.start, bar);
  const between = Map.groupBy(
    unreadable.filter(({ start }) => start === null),
    ({ after, before }) => `${after} ${before}`,
  );
  for (const bars of between.values()) {
    const { after, before } = bars[0]!;
    const lacking = starts.filter(
      (start) =>
        start > (after ?? Number.NEGATIVE_INFINITY) &&
        start < (before ?? Number.POSITIVE_INFINITY) &&
        !versions.has(start) &&
        !found.has(start),
    );
    const isWholeKey = bars.some(({ code }) => code === 'parity.bars.unreadable');
    if (lacking.length > bars.length && !isWholeKey) continue;
    lacking.forEach((start, i) => {
      found.set(start, bars[Math.min(i, bars.length - 1)]!);
    });
  }
  return found;
}

/** Bars that cannot be read and are of these minutes, or may be. */
export const unreadableIn = ({ unreadable = [] }: SideEvidence, from: number, to: number): UnreadableBar[] =>
  unreadable.filter(({ start, after, before }) =>
    start === null
      ? (after ?? Number.NEGATIVE_INFINITY) < to && (before ?? Number.POSITIVE_INFINITY) >= from
      : start >= from && start < to,
  );

const lateOf = ({ late }: SideEvidence) => late.map(({ ts }) => ({ ts, start: minuteOf(ts) }));

function byMinute<T extends { readonly start: number }>(
  items: readonly T[],
  from: number,
  to: number,
): Map<number, T[]> {
  const found = new Map<number, T[]>();
  for (const item of items) {
    if (item.start < from || item.start >= to) continue;
    const same = found.get(item.start);
    if (same === undefined) found.set(item.start, [item]);
    else same.push(item);
  }
  return found;
}
