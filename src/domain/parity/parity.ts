import { type Minute, minutesOf, unreadableIn } from './compared-minutes.ts';
import type { Comparison } from './comparison.ts';
import { type MinuteOutcome, outcomeOf } from './minute-outcome.ts';
import { causes } from './mismatch-cause.ts';
import { otherSide, type Side, type SideBar, sideNames, sides } from './parity-bar.ts';
import { lowerBound } from './parity-bound.ts';
import type { SideMinute } from './parity-minute.ts';
import {
  type MinuteCloses,
  type Mismatch,
  type Note,
  noteKinds,
  type OffCalendar,
  type SessionReport,
  type SessionVerdict,
  type UnreadableReport,
} from './parity-report.ts';
import { outcomeHash } from './parity-revision.ts';
import { toleranceWarnings } from './parity-warnings.ts';
import type { FoundFault } from './systematic/fault.ts';
import { mayBeOtherSymbol, systematicFault } from './systematic/systematic.ts';
import type { ComparedMinute } from './systematic/view.ts';

export interface Compared {
  readonly report: SessionReport;
  /** All bars that differ on the calendar's minutes, in order: the report tells of a sample. */
  readonly differing: readonly Pick<Mismatch, 'start' | 'cause'>[];
  /** Of every minute with a bar, in order. */
  readonly closes: readonly MinuteCloses[];
  /** Minutes whose ticks would tell more: those that differ in anything but order. */
  readonly worthReading: readonly number[];
  /** Whether bars of other symbols would: nothing else explains why nearly all bars differ. */
  readonly mayBeOtherSymbol: boolean;
}

/** Compares two sides. The same evidence gives the same report, in whatever order different minutes are given. */
export function compare(comparison: Comparison): Compared {
  const minutes = minutesOf(comparison);
  const on = new Tally();
  const off = new Tally();
  const closes: MinuteCloses[] = [];
  const told: ComparedMinute[] = [];
  const bars = { incumbent: 0, candidate: 0 };
  for (const minute of minutes) {
    const open = comparison.calendar.isOpen(minute.start);
    closes.push({
      start: minute.start,
      incumbent: minute.incumbent.bar?.close ?? null,
      candidate: minute.candidate.bar?.close ?? null,
    });
    if (!sides.some((side) => hasTicks(minute[side]) || minute[side].unreadable !== null)) continue;
    for (const side of sides) if (open && hasTicks(minute[side])) bars[side] += 1;
    const finding = outcomeOf(seen(minute), comparison);
    (open ? on : off).add(finding);
    told.push(comparedMinute(minute, finding.mismatch !== null));
  }
  const compared = comparedSides(comparison, told);
  const found = systematicFault(compared);
  if (found !== null) for (const tally of [on, off]) tally.explain(found);
  const worthReading = [...on.findings, ...off.findings].flatMap(
    ({ mismatch, notes }) => mismatch?.start ?? notes.find((n) => n.cause !== null)?.start ?? [],
  );
  return {
    report: reportOf(comparison, bars, on, off, found),
    differing: on.mismatches.map(({ start, cause }) => ({ start, cause })),
    closes,
    worthReading: worthReading.sort((a, b) => a - b),
    mayBeOtherSymbol: found === null && mayBeOtherSymbol(compared),
  };
}

function comparedMinute({ start, incumbent, candidate }: Minute, differs: boolean): ComparedMinute {
  const withTicks = (side: SideMinute): SideBar | null => (hasTicks(side) ? side.bar : null);
  return {
    start,
    differs,
    incumbent: withTicks(incumbent),
    candidate: withTicks(candidate),
    unreadable: { incumbent: incumbent.unreadable, candidate: candidate.unreadable },
  };
}

function comparedSides(comparison: Comparison, minutes: readonly ComparedMinute[]) {
  const { symbol, tolerance, noise = false, incumbent, candidate, others = [] } = comparison;
  return {
    symbol,
    tolerance,
    minutes,
    names: sideNames(noise),
    bars: { incumbent: incumbent.bars, candidate: candidate.bars },
    ticks: { incumbent: incumbent.ticks ?? new Map(), candidate: candidate.ticks ?? new Map() },
    others,
  };
}

/** A bar without ticks (`n` = 0) repeats an earlier close: there is nothing to compare. */
const hasTicks = ({ bar }: SideMinute): boolean => bar !== null && bar.n !== 0;

/** The minute as it counts: a bar without ticks, where the other side's has some, stands for no tick, however close its prices are. */
function seen(minute: Minute): Minute {
  const empty = sides.find((side) => minute[side].bar?.n === 0 && (minute[otherSide(side)].bar?.n ?? 0) > 0);
  return empty === undefined ? minute : { ...minute, [empty]: { ...minute[empty], bar: null, empty: true } };
}

class Tally {
  findings: MinuteOutcome[] = [];

  add(finding: MinuteOutcome): void {
    this.findings.push(finding);
  }

  /** A fault of the whole path is why a bar differs that it explains, whatever the bar alone looks like. */
  explain({ fault, explained }: FoundFault): void {
    this.findings = this.findings.map(({ mismatch, notes }) => ({
      notes,
      mismatch:
        mismatch === null || explained?.has(mismatch.start) !== true
          ? mismatch
          : { ...mismatch, cause: 'systematic fault', evidence: fault.statement },
    }));
  }

  get expected(): number {
    return this.findings.length;
  }

  get mismatches(): Mismatch[] {
    return this.findings.flatMap(({ mismatch }) => mismatch ?? []);
  }

  get notes(): Note[] {
    return this.findings.flatMap(({ notes }) => notes);
  }
}

function reportOf(
  comparison: Comparison,
  bars: Record<Side, number>,
  on: Tally,
  off: Tally,
  found: FoundFault | null,
): SessionReport {
  const { symbol, calendar, session, from, to, settled, tolerance, priceIncrement = null, threshold } = comparison;
  const { noise = false, minSessionBars = 0 } = comparison;
  const whole = session !== null && from <= session.from && to >= session.to;
  const { expected, mismatches } = on;
  const agreeing = expected - mismatches.length;
  const offCalendar: OffCalendar = {
    compared: off.expected,
    agreeing: off.expected - off.mismatches.length,
    mismatches: sampled(off.mismatches, ({ cause }) => cause),
    notes: sampled(off.notes, ({ note }) => note),
  };
  return {
    symbol,
    calendar: calendar.name,
    session: session?.date ?? null,
    whole: whole && session.to <= settled,
    from,
    to,
    ...(noise && { noise }),
    tolerance,
    priceIncrement,
    threshold,
    bars,
    expected,
    agreeing,
    parity: expected === 0 ? null : percent(agreeing, expected),
    lowerBound: expected === 0 ? null : boundPercent(agreeing, expected),
    verdict: whole
      ? verdictOf(bars, agreeing, expected, { threshold, minSessionBars })
      : partVerdict(comparison, verdictOf(bars, agreeing, expected, { threshold, minSessionBars: 0 })),
    causes: Object.fromEntries(causes.flatMap((cause) => countOf(mismatches, (m) => m.cause === cause, cause))),
    systematic: found === null ? [] : [found.fault],
    mismatches: sampled(mismatches, ({ cause }) => cause),
    outcome: outcomeHash(mismatches),
    unreadable: unreadableReport(comparison),
    noted: Object.fromEntries(noteKinds.flatMap((kind) => countOf(on.notes, ({ note }) => note === kind, kind))),
    notes: sampled(on.notes, ({ note }) => note),
    warnings: [
      ...toleranceWarnings(
        tolerance,
        [...comparison.incumbent.bars, ...comparison.candidate.bars].filter(({ start }) => start >= from && start < to),
        on.notes,
        agreeing,
      ),
      ...limitWarnings(comparison, [...mismatches, ...off.mismatches]),
    ],
    offCalendar,
  };
}

/** Of a part of a session: a side that has bars elsewhere is there, and lacks these. */
const partVerdict = (comparison: Comparison, verdict: SessionVerdict): SessionVerdict =>
  verdict === 'side missing' && sides.every((side) => comparison[side].bars.length > 0) ? 'below threshold' : verdict;

/** Whoever reads the causes has to know of how many bars the ticks were not looked at. */
function limitWarnings({ ticksRead }: Comparison, mismatches: readonly Mismatch[]): string[] {
  const unread = ticksRead === undefined ? 0 : mismatches.filter(({ start }) => !ticksRead.has(start)).length;
  if (unread === 0) return [];
  return [
    `the ticks of ${unread} differing bars were not read, only those of the first ${ticksRead!.size} minutes worth it: their causes are told from the bars alone`,
  ];
}

function countOf<T>(items: readonly T[], is: (item: T) => boolean, name: string): [string, number][] {
  const count = items.filter(is).length;
  return count === 0 ? [] : [[name, count]];
}

function unreadableReport(comparison: Comparison): UnreadableReport {
  const { from, to } = comparison;
  const found = sides.flatMap((side) =>
    unreadableIn(comparison[side], from, to).map(({ place, code, reason, start }) => ({
      side,
      start,
      place,
      code,
      reason,
    })),
  );
  return { count: found.length, bars: sampled(found, ({ side, code }) => `${side} ${code}`) };
}

/** Rounded down to four decimals, so that 100 is said of nothing less. */
export const percent = (agreeing: number, expected: number): number => Math.floor((agreeing * 1e6) / expected) / 1e4;

/** The lower bound in percent, rounded down to four decimals. */
export const boundPercent = (agreeing: number, expected: number): number =>
  Math.floor(lowerBound(agreeing, expected) * 1e6) / 1e4;

/** Whether so many of so many reach `threshold` percent. One division of whole numbers: 999 of 1000 are exactly 99.9 %. */
const reaches = (agreeing: number, expected: number, threshold: number): boolean =>
  (agreeing * 100) / expected >= threshold;

/** The verdict on a session from its counts. */
export function verdictOf(
  bars: Readonly<Record<Side, number>>,
  agreeing: number,
  expected: number,
  { threshold, minSessionBars }: { readonly threshold: number; readonly minSessionBars: number },
): SessionVerdict {
  if (expected === 0) return 'no ticks';
  if (bars.incumbent === 0 || bars.candidate === 0) return 'side missing';
  if (!reaches(agreeing, expected, threshold)) return 'below threshold';
  // A bar that does not say its ticks agrees with one that has none, and is no evidence of it.
  return Math.min(expected, bars.incumbent, bars.candidate) < minSessionBars ? 'too little evidence' : 'passed';
}

/** Of each kind so many are told one by one; more are no help to a reader. All are counted. */
const MOST_TOLD = 100;

/** The first ones of each kind, in their order. */
function sampled<T>(items: readonly T[], kindOf: (item: T) => string): T[] {
  const counts = new Map<string, number>();
  return items.filter((item) => {
    const kind = kindOf(item);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= MOST_TOLD;
  });
}
