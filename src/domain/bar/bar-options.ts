import { MINUTE, type Timeframe } from '../base/timeframe.ts';

/** What the `ts` of a written bar means. */
export type TimestampOn = 'open' | 'close';

/** Where days and four-hour bars begin: `hour` o'clock in `timeZone` (IANA). */
export interface TimeZoneOrigin {
  readonly timeZone: string;
  readonly hour: number;
}

/** How bars are built. All durations in milliseconds of event time, unless said otherwise. */
export interface BarOptions {
  /** A minute closes once a tick this much later than its end has come. */
  readonly graceMs: number;
  /** A closed minute takes late ticks, as corrections, until a tick this much later than end and grace has come. */
  readonly correctionWindowMs: number;
  /** A minute that is over also closes after this long without any tick, by the wall clock. */
  readonly idleCloseMs: number;
  /** Whether written bars carry the start or the end of their minute. */
  readonly timestampOn: TimestampOn;
  /** Whether minutes without ticks get a bar with `n` = 0 at the last close. */
  readonly buildWithNoUpdates: boolean;
  /** Whether first minutes that were not seen whole are left out; else they are built and marked partial. */
  readonly skipFirstPartial: boolean;
  readonly timeZoneOrigin: TimeZoneOrigin;
  /** Bars composed from 1m bars. */
  readonly composites: readonly Exclude<Timeframe, '1m'>[];
}

/** What a bar, once closed, may take to reach its place: brokers, disks and clocks of one site. */
const ON_ITS_WAY_MS = MINUTE;

type Delays = Pick<BarOptions, 'graceMs' | 'correctionWindowMs' | 'idleCloseMs'>;

/** How long after its end, by the wall clock, a minute surely stands on both sides, in milliseconds. It may still be corrected. */
export const closesAfter = ({ graceMs, idleCloseMs }: Omit<Delays, 'correctionWindowMs'>): number =>
  graceMs + idleCloseMs + ON_ITS_WAY_MS;

/** How long after its end a minute can no longer be corrected, in milliseconds. */
export const settlesAfter = (delays: Delays): number => closesAfter(delays) + delays.correctionWindowMs;

export const defaultBarOptions: BarOptions = {
  graceMs: 2_000,
  correctionWindowMs: 300_000,
  idleCloseMs: 5_000,
  timestampOn: 'open',
  buildWithNoUpdates: false,
  skipFirstPartial: false,
  timeZoneOrigin: { timeZone: 'UTC', hour: 0 },
  composites: [],
};
