import type { GapRecord } from './gap.ts';
import { causes } from './mismatch-cause.ts';
import { otherSide, type SettledBar, type Side, type SideBar, settledBar, sideNames, sides } from './parity-bar.ts';
import { lowerBound } from './parity-bound.ts';
import { causeOf, gapTouches, type LateReject, type MinuteSides, type SideMinute } from './parity-cause.ts';
import type { MinuteCloses, Mismatch, Note, OffCalendar, SessionReport, SessionVerdict } from './parity-report.ts';
import { firstDifference, type TapedTick, type TickDifference } from './parity-tape.ts';
import { differences, type FieldDifference, type Tolerance } from './parity-tolerance.ts';
import { toleranceWarnings } from './parity-warnings.ts';
import { MINUTE, minuteOf } from './timeframe.ts';
import type { Session, TradingCalendar } from './trading-calendar.ts';

/** What is known of one side. */
export interface SideEvidence {
  /** Every version of every bar, in the order written. */
  readonly bars: readonly SideBar[];
  /** The newest record of each gap. */
  readonly gaps: readonly GapRecord[];
  readonly late: readonly LateReject[];
  /** The tape, by start of minute, as far as it was read. */
  readonly ticks?: ReadonlyMap<number, readonly TapedTick[]>;
}

/** Two sides of one symbol over [from, to), epoch milliseconds, which holds at most one session. */
export interface Comparison extends Readonly<Record<Side, SideEvidence>> {
  readonly symbol: string;
  readonly calendar: TradingCalendar;
  readonly session: Session | null;
  readonly from: number;
  readonly to: number;
  /** Minutes that ended by then are settled on both sides: a session that ends later is not whole yet. */
  readonly settled: number;
  readonly tolerance: Tolerance;
  /** Smallest step of a price, as decimal text, where it is known. */
  readonly priceIncrement?: string | null;
  /** Percent of expected bars that must agree. */
  readonly threshold: number;
  /** Fewer expected bars in a whole session than these are too little evidence; absent: any will do. */
  readonly minSessionBars?: number;
  /** Whether a second incumbent stands in the candidate's place. */
  readonly noise?: boolean;
}

export interface Compared {
  readonly report: SessionReport;
  /** Of every minute with a bar, in order. */
  readonly closes: readonly MinuteCloses[];
  /** Minutes whose ticks would tell more: those that differ in anything but order. */
  readonly worthReading: readonly number[];
}

/** What a minute gave. */
interface Finding {
  readonly mismatch: Mismatch | null;
  readonly notes: readonly Note[];
}

/** Compares two sides. The same evidence gives the same report, in whatever order different minutes are given. */
export function compare(comparison: Comparison): Compared {
  const minutes = minutesOf(comparison);
  const on = new Tally();
  const off = new Tally();
  const closes: MinuteCloses[] = [];
  const bars = { incumbent: 0, candidate: 0 };
  for (const minute of minutes) {
    const open = comparison.calendar.isOpen(minute.start);
    closes.push({
      start: minute.start,
      incumbent: minute.incumbent.bar?.close ?? null,
      candidate: minute.candidate.bar?.close ?? null,
    });
    if (!sides.some((side) => hasTicks(minute[side]))) continue;
    for (const side of sides) if (open && hasTicks(minute[side])) bars[side] += 1;
    (open ? on : off).add(findingOf(seen(minute), comparison));
  }
  const worthReading = [...on.findings, ...off.findings].flatMap(
    ({ mismatch, notes }) => mismatch?.start ?? notes.find((n) => n.cause !== null)?.start ?? [],
  );
  return { report: reportOf(comparison, bars, on, off), closes, worthReading: worthReading.sort((a, b) => a - b) };
}

/** A bar without ticks (`n` = 0) repeats an earlier close: there is nothing to compare. */
const hasTicks = ({ bar }: SideMinute): boolean => bar !== null && bar.n !== 0;

/** The minute as it counts: a bar without ticks, where the other side's has some, stands for no tick, however close its prices are. */
function seen(minute: Minute): Minute {
  const empty = sides.find((side) => minute[side].bar?.n === 0 && (minute[otherSide(side)].bar?.n ?? 0) > 0);
  return empty === undefined ? minute : { ...minute, [empty]: { ...minute[empty], bar: null, empty: true } };
}

class Tally {
  readonly findings: Finding[] = [];

  add(finding: Finding): void {
    this.findings.push(finding);
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

type Minute = MinuteSides & { readonly settled: Readonly<Partial<Record<Side, SettledBar>>> };

/** Every minute of the range in which a side has a bar, in order, with all that is known of it. */
function minutesOf(comparison: Comparison): Minute[] {
  const { symbol, from, to, noise = false } = comparison;
  const names = sideNames(noise);
  const versions = {
    incumbent: byMinute(comparison.incumbent.bars, from, to),
    candidate: byMinute(comparison.candidate.bars, from, to),
  };
  const late = {
    incumbent: byMinute(lateOf(comparison.incumbent), from, to),
    candidate: byMinute(lateOf(comparison.candidate), from, to),
  };
  const starts = [...new Set([...versions.incumbent.keys(), ...versions.candidate.keys()])].sort((a, b) => a - b);
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
        gaps: gaps.filter((gap) => gapTouches(gap, symbol, start)).sort((a, b) => (a.id < b.id ? -1 : 1)),
        late: late[name].get(start) ?? [],
        ticks: ticks?.get(start) ?? null,
      };
    };
    return { symbol, start, names, incumbent: side('incumbent'), candidate: side('candidate'), settled };
  });
}

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

function findingOf(minute: Minute, { tolerance, noise = false }: Comparison): Finding {
  const { symbol, start, incumbent, candidate } = minute;
  const [a, b] = [incumbent.bar, candidate.bar];
  const missing = a === null ? 'incumbent' : b === null ? 'candidate' : null;
  const fields = a === null || b === null ? [] : differences(a, b, tolerance);
  const contradicted = sides.some((side) => minute[side].contradiction !== null);
  const notes = versionNotes(minute);
  if (missing !== null || contradicted || fields.some(({ within }) => !within)) {
    const n = { incumbent: countOfTicks(incumbent), candidate: countOfTicks(candidate) };
    const mismatch = {
      symbol,
      start,
      missing,
      n,
      fields,
      ...causeOf(minute),
      firstTick: firstTick(minute),
      reproduce: reproduce(symbol, start, noise),
    } as const;
    return { mismatch, notes };
  }
  return { mismatch: null, notes: [...agreementNotes(minute, fields), ...notes] };
}

const countOfTicks = ({ bar, empty }: SideMinute): number | null => (empty ? 0 : (bar?.n ?? null));

/** What sets two agreeing bars apart all the same. */
function agreementNotes(minute: Minute, fields: readonly FieldDifference[]): Note[] {
  const [a, b] = [minute.incumbent.bar!, minute.candidate.bar!];
  const sameTicks =
    (a.n === null || b.n === null || a.n === b.n) && (a.digest === null || b.digest === null || a.digest === b.digest);
  if (fields.length === 0 && sameTicks) return [];
  const note = fields.length > 0 ? 'within tolerance' : 'same bar, other ticks';
  return [
    {
      symbol: minute.symbol,
      start: minute.start,
      note,
      side: null,
      fields,
      ...causeOf(minute),
      firstTick: firstTick(minute),
    },
  ];
}

/** What there is to tell of the versions of a side's bar. */
function versionNotes({ symbol, start, names, settled }: Minute): Note[] {
  const notes: Note[] = [];
  for (const side of sides) {
    const found = settled[side];
    if (found === undefined) continue;
    const common = { symbol, start, side, cause: null, fields: [], firstTick: null } as const;
    const { bar, repeats } = found;
    if (bar.rev > 0 && bar.n !== 0)
      notes.push({
        ...common,
        note: 'late tick (corrected)',
        evidence: `the ${names[side]} corrected the bar ${bar.rev === 1 ? 'once' : `${bar.rev} times`}`,
      });
    if (repeats > 0)
      notes.push({
        ...common,
        note: 'doubled bar',
        evidence: `the ${names[side]} holds the same bar ${repeats + 1} times`,
      });
  }
  return notes;
}

function firstTick({ incumbent, candidate }: MinuteSides): TickDifference | null {
  if (incumbent.ticks === null || candidate.ticks === null) return null;
  return firstDifference(counted(incumbent), counted(candidate));
}

/** The ticks of a tape without those that its side refused as late: of equal times, the last ones of the tape. */
function counted({ ticks, late }: SideMinute): TapedTick[] {
  const left = [...(ticks ?? [])];
  for (const { ts } of late) {
    const at = left.findLastIndex((tick) => tick.ts === ts);
    if (at !== -1) left.splice(at, 1);
  }
  return left;
}

const isoMinute = (ts: number): string => `${new Date(ts).toISOString().slice(0, 16)}Z`;

const reproduce = (symbol: string, start: number, noise: boolean): string =>
  `pulse reconcile ${noise ? '--noise ' : ''}--symbol ${symbol} --from ${isoMinute(start)} --to ${isoMinute(start + MINUTE)}`;

function reportOf(comparison: Comparison, bars: Record<Side, number>, on: Tally, off: Tally): SessionReport {
  const { symbol, calendar, session, from, to, settled, tolerance, priceIncrement = null, threshold } = comparison;
  const { noise = false, minSessionBars = 0 } = comparison;
  const whole = session !== null && from <= session.from && to >= session.to;
  const { expected, mismatches } = on;
  const agreeing = expected - mismatches.length;
  const offCalendar: OffCalendar = {
    compared: off.expected,
    agreeing: off.expected - off.mismatches.length,
    mismatches: off.mismatches,
    notes: off.notes,
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
    causes: Object.fromEntries(causes.flatMap((cause) => countOf(mismatches, cause))),
    mismatches,
    notes: on.notes,
    warnings: toleranceWarnings(
      tolerance,
      [...comparison.incumbent.bars, ...comparison.candidate.bars].filter(({ start }) => start >= from && start < to),
      on.notes,
      agreeing,
    ),
    offCalendar,
  };
}

/** Of a part of a session: a side that has bars elsewhere is there, and lacks these. */
const partVerdict = (comparison: Comparison, verdict: SessionVerdict): SessionVerdict =>
  verdict === 'side missing' && sides.every((side) => comparison[side].bars.length > 0) ? 'below threshold' : verdict;

function countOf(mismatches: readonly Mismatch[], cause: string): [string, number][] {
  const count = mismatches.filter((m) => m.cause === cause).length;
  return count === 0 ? [] : [[cause, count]];
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
  return expected < minSessionBars ? 'too little evidence' : 'passed';
}
