import type { TimeZoneOrigin } from './bar-options.ts';
import { instantOf, offsetAt } from './time-zone.ts';
import { type Timeframe, timeframeMs } from './timeframe.ts';

/** The stretch of a composite bar, [start, end), in epoch milliseconds. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
}

/**
 * The bucket of `tf` that holds `ts`. Buckets follow the clocks of the origin's time zone from the origin's hour on:
 * a day of a change of clocks is an hour shorter or longer, and so is one of its four-hour bars.
 */
export function bucketOf(tf: Timeframe, ts: number, { timeZone, hour }: TimeZoneOrigin): Bucket {
  const length = timeframeMs[tf];
  const shift = hour * timeframeMs['1h'];
  const local = Math.floor((ts + offsetAt(timeZone, ts) - shift) / length) * length + shift;
  // Bars of an hour and less are cut by real time, so that the hour that clocks show twice is two bars.
  if (length <= timeframeMs['1h']) {
    const start = local - offsetAt(timeZone, ts);
    return { start, end: start + length };
  }
  return { start: instantOf(timeZone, local), end: instantOf(timeZone, local + length) };
}
