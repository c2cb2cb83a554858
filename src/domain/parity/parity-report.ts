import type { CalendarName } from '../calendar/trading-calendar.ts';
import type { Cause } from './mismatch-cause.ts';
import type { Side } from './parity-bar.ts';
import type { TickDifference } from './parity-tape.ts';
import type { FieldDifference, Tolerance } from './parity-tolerance.ts';
import type { UnreadableBar } from './side-bars.ts';
import type { SystematicFault } from './systematic/fault.ts';

/** A bar on which the sides do not agree. */
export interface Mismatch {
  readonly symbol: string;
  /** Start of the bar, epoch milliseconds. */
  readonly start: number;
  /** The side that has no bar, or only one without ticks (its `n` is 0); null where both have one. */
  readonly missing: Side | null;
  /** Set where that side has a bar, which cannot be read. */
  readonly unreadable?: true;
  /** Ticks of each side's bar; null where it does not say or has none. */
  readonly n: Readonly<Record<Side, number | null>>;
  /** The fields that differ, those within tolerance too; none where a bar is missing. */
  readonly fields: readonly FieldDifference[];
  readonly cause: Cause;
  /** A sentence that says what the cause was concluded from. */
  readonly evidence: string;
  /** Null where the tapes were not read, are gone, or hold the same ticks. */
  readonly firstTick: TickDifference | null;
  /** The command that shows this bar again. */
  readonly reproduce: string;
}

/** What is worth telling of a bar on which the sides agree, or of one version of it. */
export const noteKinds = ['within tolerance', 'same bar, other ticks', 'late tick (corrected)', 'doubled bar'] as const;
export type NoteKind = (typeof noteKinds)[number];

export interface Note {
  readonly symbol: string;
  readonly start: number;
  readonly note: NoteKind;
  /** The side that it is about; null where it is about both. */
  readonly side: Side | null;
  /** Why the sides differ, where they do. */
  readonly cause: Cause | null;
  readonly fields: readonly FieldDifference[];
  readonly evidence: string;
  readonly firstTick: TickDifference | null;
}

/**
 * `no ticks`: neither side has a bar with ticks. `side missing`: one of them has none at all. `too little evidence`: what there is agrees,
 * and there are too few bars to conclude anything from it.
 */
const sessionVerdicts = ['passed', 'too little evidence', 'below threshold', 'side missing', 'no ticks'] as const;
export type SessionVerdict = (typeof sessionVerdicts)[number];

/** Bars outside of the calendar's minutes: compared, and not counted. */
export interface OffCalendar {
  readonly compared: number;
  readonly agreeing: number;
  readonly mismatches: readonly Mismatch[];
  readonly notes: readonly Note[];
}

/** Bars that cannot be read, and are of a report's minutes or may be. Of each side and reason the first hundred are told. */
export interface UnreadableReport {
  readonly count: number;
  readonly bars: readonly (Pick<UnreadableBar, 'start' | 'place' | 'code' | 'reason'> & { readonly side: Side })[];
}

/** How far both sides agree on one symbol in one session. Plain, and the same for the same input. Moments are epoch milliseconds. */
export interface SessionReport {
  readonly symbol: string;
  readonly calendar: CalendarName;
  /** Date of the session; null where the range holds none. */
  readonly session: string | null;
  /** Whether the range holds all of the session, and all of it is settled. */
  readonly whole: boolean;
  readonly from: number;
  readonly to: number;
  /** Set where a second incumbent stands in the candidate's place. */
  readonly noise?: true;
  readonly tolerance: Tolerance;
  /** Smallest step of a price, as decimal text; null where nobody knows it, absent from reports of earlier releases. */
  readonly priceIncrement?: string | null;
  /** Percent. */
  readonly threshold: number;
  /** Bars with ticks of each side, on the calendar's minutes. */
  readonly bars: Readonly<Record<Side, number>>;
  /** The calendar's minutes with ticks on either side. */
  readonly expected: number;
  readonly agreeing: number;
  /** Percent, rounded down to four decimals; null without expected bars. */
  readonly parity: number | null;
  /** One-sided 95 % lower confidence bound of the parity, in percent; null without expected bars. */
  readonly lowerBound: number | null;
  readonly verdict: SessionVerdict;
  /** How many mismatches have each cause; only causes that occur. */
  readonly causes: Readonly<Partial<Record<Cause, number>>>;
  /** Faults of a whole path, which explain nearly all that differs; absent in records of before they were looked for. */
  readonly systematic?: readonly SystematicFault[];
  /** In order of start, of each cause the first hundred: `causes` counts them all. */
  readonly mismatches: readonly Mismatch[];
  /** A hash of all mismatches; absent in records of before, which hold all of them. */
  readonly outcome?: string;
  /** Bars that stand on a side and cannot be read; absent in records of before they were told here. */
  readonly unreadable?: UnreadableReport;
  /** How many notes there are of each kind; absent in records of before, which hold all of them. */
  readonly noted?: Readonly<Partial<Record<NoteKind, number>>>;
  /** Of each kind the first hundred. */
  readonly notes: readonly Note[];
  /** What speaks against trusting that the bars agree. */
  readonly warnings: readonly string[];
  readonly offCalendar: OffCalendar;
}

/** Both sides' closes of a minute, for the chart; null where a side has no bar. */
export interface MinuteCloses {
  readonly start: number;
  readonly incumbent: number | null;
  readonly candidate: number | null;
}
