import { MINUTE } from '../base/timeframe.ts';
import type { GapRecord } from '../gap/gap.ts';
import type { Conclusion } from './mismatch-cause.ts';
import { otherSide, type Side, sides } from './parity-bar.ts';
import {
  areSameTicks,
  areTapesWhole,
  type BothTapes,
  bothTapes,
  countedTicks,
  type MinuteSides,
  type SideMinute,
  shortSides,
  ticksOf,
} from './parity-minute.ts';
import { pricesOf, type TapedTick } from './parity-tape.ts';
import { isTieOrder, unknownCause } from './parity-values.ts';

type Rule = (minute: MinuteSides) => Conclusion | null;

/** The rules, strongest evidence first: what is told by exact counts comes before what only may be. */
const rules: readonly Rule[] = [
  unreadableBar,
  doubledBar,
  missingBar,
  lateTick,
  gap,
  partial,
  otherTicks,
  absentBar,
  otherCounts,
  otherDigests,
  sameTicks,
  offItsTape,
];

/** Why two bars differ: the first rule that explains it. */
export function causeOf(minute: MinuteSides): Conclusion {
  for (const rule of rules) {
    const conclusion = rule(minute);
    if (conclusion !== null) return withLimit(conclusion, minute);
  }
  return withLimit(unknownCause(minute.incumbent.bar!, minute.candidate.bar!, minute.names), minute);
}

/** What was left unread says so, since the ticks might have told another cause. */
function withLimit(conclusion: Conclusion, { beyond }: MinuteSides): Conclusion {
  if (beyond === null) return conclusion;
  return {
    ...conclusion,
    evidence: `${conclusion.evidence}; its ticks were not read, only those of the first ${beyond} differing bars were`,
  };
}

const noBar = ({ empty }: SideMinute): string => (empty ? 'has only a bar without ticks' : 'has no bar');
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const clock = (ts: number | null): string => (ts === null ? 'an unknown moment' : new Date(ts).toISOString());

function unreadableBar(minute: MinuteSides): Conclusion | null {
  const side = sides.find((s) => minute[s].bar === null && minute[s].unreadable !== null);
  if (side === undefined) return null;
  const { place, code, reason, start } = minute[side].unreadable!;
  const by = start === null ? ', by its place among the others the one of this minute,' : '';
  return {
    cause: 'unreadable bar',
    evidence: `the ${minute.names[side]}'s bar (${place})${by} cannot be read: ${code}: ${reason}`,
  };
}

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

/** The sides that may lack ticks: those that are known to, or, where a side does not say how many it has, both. */
function lacking(minute: MinuteSides): readonly Side[] {
  const unsaid = sides.some((side) => ticksOf(minute[side]) === null);
  const short = shortSides(minute);
  return short.length === 0 && unsaid && bothTapes(minute) === null ? sides : short;
}

function lateTick(minute: MinuteSides): Conclusion | null {
  // What is refused stands on the tape, so that tapes do not tell who lacks it.
  const unsaid = sides.some((side) => ticksOf(minute[side]) === null);
  for (const side of unsaid ? sides : lacking(minute)) {
    const { late } = minute[side];
    // What both sides refused accounts for no difference between them.
    const alone = late.length - minute[otherSide(side)].late.length;
    const [has, lacks] = [ticksOf(minute[otherSide(side)]), ticksOf(minute[side])];
    const difference = has === null || lacks === null ? 1 : has - lacks;
    if (alone < Math.max(1, difference)) continue;
    return {
      cause: 'late tick',
      evidence: `the ${minute.names[side]} refused ${count(late.length, 'tick')} of this minute as late (the first of ${clock(late[0]!.ts)})${
        has === null || lacks === null ? '' : `, which accounts for the ${count(difference, 'tick')} it has fewer`
      }`,
    };
  }
  return null;
}

/** A gap accounts for a difference only on a side that is known to be short, and where the tapes tell which ticks it lacks, of those in the gap. */
function gap(minute: MinuteSides): Conclusion | null {
  const short = shortSides(minute);
  const accounts = (side: Side): boolean => minute[side].gaps.some((found) => mayHold(found, minute, side));
  if (short.length === 2 && !sides.every(accounts)) return null;
  for (const side of short) {
    const found = minute[side].gaps.find((each) => mayHold(each, minute, side));
    if (found === undefined) continue;
    const { after = null, before = null } = found.symbols[minute.symbol] ?? {};
    return {
      cause: 'gap',
      evidence: `the ${minute.names[side]} has an open gap (${found.reason}, ${found.id}): ticks between ${clock(after)} and ${clock(before)} may be missing`,
    };
  }
  return null;
}

/** Whether ticks that a side lacks may be missing in this gap of it. */
function mayHold({ symbols }: GapRecord, minute: MinuteSides, side: Side): boolean {
  const lacked = bothTapes(minute)?.only[otherSide(side)] ?? [];
  const { after, before } = symbols[minute.symbol]!;
  const isWithin = ({ ts }: TapedTick): boolean =>
    ts >= (after ?? Number.NEGATIVE_INFINITY) && ts <= (before ?? Number.POSITIVE_INFINITY);
  return lacked.length === 0 || lacked.some(isWithin);
}

function partial(minute: MinuteSides): Conclusion | null {
  const short = lacking(minute);
  if (short.length === 2 && shortSides(minute).length === 2 && !sides.every((side) => minute[side].bar?.partial))
    return null;
  for (const side of short)
    if (minute[side].bar?.partial)
      return { cause: 'partial', evidence: `the ${minute.names[side]} says that it did not see the whole minute` };
  return null;
}

/** What the tapes tell, where each holds what its bar was made of. */
function otherTicks(minute: MinuteSides): Conclusion | null {
  const tapes = bothTapes(minute);
  if (tapes === null || areSameTicks(tapes) || !areTapesWhole(minute, tapes)) return null;
  const [missing, extra] = [tapes.only.incumbent.length, tapes.only.candidate.length];
  const { incumbent, candidate } = minute.names;
  const only = (n: number, side: string): string[] => (n === 0 ? [] : [`only the ${side}'s holds ${count(n, 'tick')}`]);
  const evidence = `the tapes differ: ${[...only(missing, incumbent), ...only(extra, candidate)].join(', ')}`;
  if (missing === extra) return { cause: 'altered ticks', evidence };
  return {
    cause: missing > extra ? 'missing ticks' : 'extra ticks',
    evidence: `${evidence}; no gap, late tick or partial bar accounts for it`,
  };
}

/** A side without a bar, of which no tick is known to stand on its tape. Without that tape it is the bar that is known to be missing, and no tick. */
function absentBar(minute: MinuteSides): Conclusion | null {
  const side = sides.find((s) => minute[s].bar === null);
  if (side === undefined) return null;
  const n = ticksOf(minute[otherSide(side)]);
  const has = `the ${minute.names[otherSide(side)]} has one${n === null ? '' : ` of ${count(n, 'tick')}`}`;
  const { ticks, empty } = minute[side];
  const told = `the ${minute.names[side]} ${noBar(minute[side])}`;
  if (ticks === null && !empty)
    return { cause: 'missing bar', evidence: `${told}, ${has}; there is no tape that would tell whether it had ticks` };
  const tape = ticks === null ? '' : ', and its tape holds no tick of this minute';
  return {
    cause: side === 'candidate' ? 'missing ticks' : 'extra ticks',
    evidence: `${told}${tape}, ${has}; no gap, late tick or partial bar accounts for it`,
  };
}

function otherCounts(minute: MinuteSides): Conclusion | null {
  const [incumbent, candidate] = [ticksOf(minute.incumbent), ticksOf(minute.candidate)];
  if (incumbent === null || candidate === null || incumbent === candidate) return null;
  const told = `the ${minute.names.candidate} has ${count(candidate, 'tick')}, the ${minute.names.incumbent} ${incumbent}`;
  const tapes = bothTapes(minute);
  if (tapes !== null && areSameTicks(tapes))
    return { cause: 'arithmetic', evidence: `${told}, although both tapes hold the same ${tapes.incumbent.length}` };
  return {
    cause: candidate < incumbent ? 'missing ticks' : 'extra ticks',
    evidence: `${told}; no gap, late tick or partial bar accounts for it`,
  };
}

function otherDigests(minute: MinuteSides): Conclusion | null {
  const [a, b] = [minute.incumbent.bar!, minute.candidate.bar!];
  if (a.n === null || b.n === null || a.digest === null || b.digest === null || a.digest === b.digest) return null;
  const tapes = bothTapes(minute);
  if (tapes !== null && areSameTicks(tapes)) return null;
  return {
    cause: 'altered ticks',
    evidence: `both have ${count(a.n, 'tick')}, but digests ${a.digest} and ${b.digest}: they are not the same ticks`,
  };
}

/** Both bars are of the same ticks, by the tapes or by the digests: their order may differ, where it is open. */
function sameTicks(minute: MinuteSides): Conclusion | null {
  const [a, b] = [minute.incumbent.bar!, minute.candidate.bar!];
  const tapes = bothTapes(minute);
  const byDigest = a.n !== null && a.n === b.n && a.digest !== null && a.digest === b.digest;
  if (!byDigest && (tapes === null || !areSameTicks(tapes))) return null;
  const both = byDigest ? `both have ${count(a.n, 'tick')} and the same digest` : sameTapesText(tapes!);
  const tape = countedTicks(minute.incumbent) ?? countedTicks(minute.candidate);
  if (tape !== null && isTieOrder(a, b, tape))
    return {
      cause: 'tie order',
      evidence: `${both}, and only open or close differ: ticks of one time came in another order`,
    };
  const untold = tape === null ? ', or, as there is no tape to look at, in another order' : '';
  return { cause: 'arithmetic', evidence: `${both}: the same ticks gave different figures${untold}` };
}

const sameTapesText = ({ incumbent }: BothTapes): string =>
  `both tapes hold the same ${count(incumbent.length, 'tick')}`;

/** With one tape alone: whether it gives the bar of its side. Where it does, a tie in it may still account for the other's. */
function offItsTape(minute: MinuteSides): Conclusion | null {
  if (bothTapes(minute) !== null) return null;
  for (const side of sides) {
    const ticks = countedTicks(minute[side]);
    const bar = minute[side].bar!;
    const made = ticks === null ? null : pricesOf(ticks);
    if (ticks === null || made === null) continue;
    const name = minute.names[side];
    if (isTieOrder(minute.incumbent.bar!, minute.candidate.bar!, ticks))
      return {
        cause: 'tie order',
        evidence: `only open or close differ, and the ${name}'s tape holds ticks of one time that account for it`,
      };
    const off = (['open', 'high', 'low', 'close'] as const).find(
      (field) => Math.abs(made[field] - bar[field]) > 1e-9 * Math.abs(bar[field]),
    );
    if (off !== undefined && (bar.n === null || bar.n === ticks.length))
      return {
        cause: 'arithmetic',
        evidence: `the ${name}'s own tape gives the ${off} ${made[off]}, its bar has ${bar[off]}`,
      };
  }
  return null;
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
