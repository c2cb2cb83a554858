import { changeIn, instantOf, offsetAt } from '../base/time-zone.ts';
import { type Timeframe, timeframeMs } from '../base/timeframe.ts';
import type { TimeZoneOrigin } from './bar-options.ts';

/** The stretch of a composite bar, [start, end), in epoch milliseconds. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
}

/**
 * The bucket of `tf` that holds `ts`. Buckets follow the clocks of the origin's time zone from the origin's hour on, and tile time:
 * a day of a change of clocks is an hour shorter or longer, and so is one of its four-hour bars.
 */
export function bucketOf(tf: Timeframe, ts: number, { timeZone, hour }: TimeZoneOrigin): Bucket {
  const length = timeframeMs[tf];
  const shift = hour * timeframeMs['1h'];
  const offset = offsetAt(timeZone, ts);
  const local = Math.floor((ts + offset - shift) / length) * length + shift;
  // Bars of an hour and less are cut by real time, so that the hour that clocks show twice is two bars.
  if (length <= timeframeMs['1h']) return uniform(timeZone, ts, local - offset, length);
  let bucket = { start: instantOf(timeZone, local), end: instantOf(timeZone, local + length) };
  // Clocks that were put back may show a time before a boundary that they had passed.
  for (let next = local + length; ts >= bucket.end; next += length)
    bucket = { start: bucket.end, end: instantOf(timeZone, next + length) };
  return bucket;
}

/** What of [start, start + length) is on the same grid as `ts`: clocks that change by a part of `length` (Lord Howe's) begin another. */
function uniform(timeZone: string, ts: number, start: number, length: number): Bucket {
  const end = start + length;
  const otherGrid = (at: number): boolean => (offsetAt(timeZone, at) - offsetAt(timeZone, ts)) % length !== 0;
  return {
    start: otherGrid(start) ? changeIn(timeZone, start, ts) : start,
    end: otherGrid(end - 1) ? changeIn(timeZone, ts, end) : end,
  };
}
