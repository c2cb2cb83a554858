import type { GapRecord } from './gap.ts';
import type { Conclusion } from './mismatch-cause.ts';
import { otherSide, type Side, type SideBar, type SideNames, sides } from './parity-bar.ts';
import type { TapedTick } from './parity-tape.ts';
import { causeByValues, tieOrder } from './parity-values.ts';
import { MINUTE } from './timeframe.ts';

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
}

type Rule = (minute: MinuteSides) => Conclusion | null;

/** The rules, strongest evidence first: what is told by exact counts comes before what only may be. */
const rules: readonly Rule[] = [doubledBar, missingBar, lateTick, gap, partial, counts, digests];

/** Why two bars differ: the first rule that explains it. */
export function causeOf(minute: MinuteSides): Conclusion {
  for (const rule of rules) {
    const conclusion = rule(minute);
    if (conclusion !== null) return conclusion;
  }
  return causeByValues(minute.incumbent.bar!, minute.candidate.bar!, minute.names);
}

/** Ticks of a side's bar: 0 without a bar, null where the side does not say. */
const ticksOf = ({ bar }: SideMinute): number | null => (bar === null ? 0 : bar.n);

/** The sides that may lack ticks: the one with fewer, or, where a side does not say how many it has, both (of an absent bar, that side). */
function lacking(minute: MinuteSides): readonly Side[] {
  const absent = sides.filter((side) => minute[side].bar === null);
  if (absent.length > 0) return absent;
  const [incumbent, candidate] = [ticksOf(minute.incumbent), ticksOf(minute.candidate)];
  if (incumbent === null || candidate === null) return sides;
  return incumbent < candidate ? ['incumbent'] : candidate < incumbent ? ['candidate'] : [];
}

/** Whether both bars have as many ticks and not the same ones, so that each lacks some that the other has. */
function lackEqually({ incumbent, candidate }: MinuteSides): boolean {
  const [a, b] = [incumbent.bar, candidate.bar];
  return a !== null && b !== null && a.n === b.n && a.digest !== b.digest && a.digest !== null && b.digest !== null;
}

const noBar = ({ empty }: SideMinute): string => (empty ? 'has only a bar without ticks' : 'has no bar');
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const clock = (ts: number | null): string => (ts === null ? 'an unknown moment' : new Date(ts).toISOString());

function doubledBar(minute: MinuteSides): Conclusion | null {
  const side = sides.find((s) => minute[s].contradiction !== null);
  if (side === undefined) return null;
  const n = minute[side].bar?.n;
  const equal = n == null ? '' : ` with ${count(n, 'tick')} each`;
  return {
    cause: 'doubled bar',
    evidence: `the ${minute.names[side]} has two bars of this minute${equal}, and they contradict each other`,
  };
}

function missingBar(minute: MinuteSides): Conclusion | null {
  const side = sides.find((s) => minute[s].bar === null);
  if (side === undefined) return null;
  const { ticks, late } = minute[side];
  const usable = (ticks?.length ?? 0) - late.length;
  if (usable <= 0) return null;
  return {
    cause: 'missing bar',
    evidence: `the ${minute.names[side]} ${noBar(minute[side])}, although its tape holds ${count(usable, 'tick')} of this minute`,
  };
}

function lateTick(minute: MinuteSides): Conclusion | null {
  for (const side of lacking(minute)) {
    const { late } = minute[side];
    // What both sides refused accounts for no difference between them.
    const alone = late.length - minute[otherSide(side)].late.length;
    const [has, lacks] = [ticksOf(minute[otherSide(side)]), ticksOf(minute[side])];
    const difference = has === null || lacks === null ? 1 : has - lacks;
    if (alone < difference) continue;
    return {
      cause: 'late tick',
      evidence: `the ${minute.names[side]} refused ${count(late.length, 'tick')} of this minute as late (the first of ${clock(late[0]!.ts)})${
        has === null || lacks === null ? '' : `, which accounts for the ${count(difference, 'tick')} it has fewer`
      }`,
    };
  }
  return null;
}

function gap(minute: MinuteSides): Conclusion | null {
  const equally = lackEqually(minute) && sides.every((side) => minute[side].gaps.length > 0);
  for (const side of equally ? sides : lacking(minute)) {
    const [found] = minute[side].gaps;
    if (found === undefined) continue;
    const { after = null, before = null } = found.symbols[minute.symbol] ?? {};
    return {
      cause: 'gap',
      evidence: `the ${minute.names[side]} has an open gap (${found.reason}, ${found.id}): ticks between ${clock(after)} and ${clock(before)} may be missing`,
    };
  }
  return null;
}

function partial(minute: MinuteSides): Conclusion | null {
  const equally = lackEqually(minute) && sides.every((side) => minute[side].bar?.partial);
  for (const side of equally ? sides : lacking(minute))
    if (minute[side].bar?.partial)
      return { cause: 'partial', evidence: `the ${minute.names[side]} says that it did not see the whole minute` };
  return null;
}

function counts(minute: MinuteSides): Conclusion | null {
  const [incumbent, candidate] = [ticksOf(minute.incumbent), ticksOf(minute.candidate)];
  const absent = sides.find((side) => minute[side].bar === null);
  if (absent === undefined && (incumbent === null || candidate === null || incumbent === candidate)) return null;
  const fewer = absent === 'candidate' || (absent === undefined && candidate! < incumbent!);
  const told =
    absent === undefined
      ? `the ${minute.names.candidate} has ${count(candidate!, 'tick')}, the ${minute.names.incumbent} ${incumbent}`
      : absentText(minute, absent);
  return {
    cause: fewer ? 'missing ticks' : 'extra ticks',
    evidence: `${told}; no gap, late tick or partial bar accounts for it`,
  };
}

function absentText(minute: MinuteSides, absent: Side): string {
  const n = ticksOf(minute[otherSide(absent)]);
  const has =
    n === null
      ? `the ${minute.names[otherSide(absent)]} has one`
      : `the ${minute.names[otherSide(absent)]} has one of ${count(n, 'tick')}`;
  const tape = minute[absent].ticks === null ? '' : ', and its tape holds no tick of this minute';
  return `the ${minute.names[absent]} ${noBar(minute[absent])}${tape}, ${has}`;
}

function digests({ incumbent, candidate }: MinuteSides): Conclusion | null {
  const [a, b] = [incumbent.bar!, candidate.bar!];
  if (a.n === null || b.n === null || a.digest === null || b.digest === null) return null;
  const both = `both have ${count(a.n, 'tick')}`;
  if (a.digest !== b.digest)
    return {
      cause: 'altered ticks',
      evidence: `${both}, but digests ${a.digest} and ${b.digest}: they are not the same ticks`,
    };
  if (tieOrder(a, b))
    return {
      cause: 'tie order',
      evidence: `${both} and the same digest, and only open or close differ: ticks of one time came in another order`,
    };
  return { cause: 'arithmetic', evidence: `${both} and the same digest: the same ticks gave different figures` };
}

/** Whether ticks with event times in the minute that starts at `start` may be missing in a gap. Both ends of a gap are known ticks, and ties with them may be missing. */
export function gapTouches(gap: GapRecord, symbol: string, start: number): boolean {
  // Symbols may be called as what every object has: `constructor`.
  const bounds = Object.hasOwn(gap.symbols, symbol) ? gap.symbols[symbol] : undefined;
  if (gap.status !== 'open' || bounds === undefined) return false;
  return (
    (bounds.after ?? Number.NEGATIVE_INFINITY) < start + MINUTE && (bounds.before ?? Number.POSITIVE_INFINITY) >= start
  );
}
