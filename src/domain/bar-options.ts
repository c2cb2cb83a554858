import type { TimestampOn } from './bar-codec.ts';
import type { Timeframe } from './timeframe.ts';

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
