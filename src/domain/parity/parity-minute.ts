import type { GapRecord } from '../gap/gap.ts';
import { otherSide, type Side, type SideBar, type SideNames, sides } from './parity-bar.ts';
import { type TapedTick, ticksOnlyIn } from './parity-tape.ts';
import type { UnreadableBar } from './side-bars.ts';

/** A tick that came after the correction window and was not counted. */
export interface LateReject {
  /** Event time, epoch milliseconds. */
  readonly ts: number;
}

/** What is known of one side about one minute. */
export interface SideMinute {
  /** Null where the side has no bar, or only one without ticks while the other has ticks. */
  readonly bar: SideBar | null;
  /** Whether it is null for the latter reason. */
  readonly empty: boolean;
  /** A version of the bar with as many ticks and another content; null where there is none. */
  readonly contradiction: SideBar | null;
  /** Its bar of this minute, where it has one that cannot be read, and none that can. */
  readonly unreadable: UnreadableBar | null;
  /** Open gaps in which ticks of this minute may be missing, in order of their ids. */
  readonly gaps: readonly GapRecord[];
  /** Ticks of this minute that were refused as late. */
  readonly late: readonly LateReject[];
  /** The ticks of this minute on the side's tape; null where the tape was not read or is gone. */
  readonly ticks: readonly TapedTick[] | null;
}

export interface MinuteSides extends Readonly<Record<Side, SideMinute>> {
  /** Start of the minute, epoch milliseconds. */
  readonly start: number;
  readonly symbol: string;
  /** What the evidence calls the sides. */
  readonly names: SideNames;
  /** Of so many differing bars the ticks were read, and this one is not among them; null where it is. */
  readonly beyond: number | null;
}

/** Ticks of a side's bar: 0 without a bar, null where the side does not say. */
export const ticksOf = ({ bar }: SideMinute): number | null => (bar === null ? 0 : bar.n);

/** The ticks of a tape without those that its side refused as late: of equal times, the last ones of the tape. Null where it was not read. */
export function countedTicks({ ticks, late }: SideMinute): readonly TapedTick[] | null {
  if (ticks === null) return null;
  const left = [...ticks];
  for (const { ts } of late) {
    const at = left.findLastIndex((tick) => tick.ts === ts);
    if (at !== -1) left.splice(at, 1);
  }
  return left;
}

/** The counted ticks of both tapes, and those that only one of them holds. */
export interface BothTapes extends Readonly<Record<Side, readonly TapedTick[]>> {
  readonly only: Readonly<Record<Side, readonly TapedTick[]>>;
}

/** Null where a tape was not read. */
export function bothTapes(minute: MinuteSides): BothTapes | null {
  const [incumbent, candidate] = [countedTicks(minute.incumbent), countedTicks(minute.candidate)];
  if (incumbent === null || candidate === null) return null;
  return {
    incumbent,
    candidate,
    only: { incumbent: ticksOnlyIn(incumbent, candidate), candidate: ticksOnlyIn(candidate, incumbent) },
  };
}

export const areSameTicks = ({ only }: BothTapes): boolean => sides.every((side) => only[side].length === 0);

/** Whether each tape holds as many ticks as its bar says, where it says. */
export const areTapesWhole = (minute: MinuteSides, tapes: BothTapes): boolean =>
  sides.every((side) => minute[side].bar?.n == null || minute[side].bar.n === tapes[side].length);

/** The sides that are known to lack ticks which the other has: by their counts, or, where one does not say its count, by the tapes. */
export function shortSides(minute: MinuteSides): readonly Side[] {
  const absent = sides.filter((side) => minute[side].bar === null);
  if (absent.length > 0) return absent;
  const [incumbent, candidate] = [ticksOf(minute.incumbent), ticksOf(minute.candidate)];
  if (incumbent !== null && candidate !== null && incumbent !== candidate)
    return [incumbent < candidate ? 'incumbent' : 'candidate'];
  const tapes = bothTapes(minute);
  if (tapes !== null) return sides.filter((side) => tapes.only[otherSide(side)].length > 0);
  return lackEqually(minute) ? sides : [];
}

/** Whether both bars have as many ticks and not the same ones, so that each lacks some that the other has. */
function lackEqually({ incumbent, candidate }: MinuteSides): boolean {
  const [a, b] = [incumbent.bar, candidate.bar];
  return a !== null && b !== null && a.n === b.n && a.digest !== b.digest && a.digest !== null && b.digest !== null;
}
