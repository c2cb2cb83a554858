import { MINUTE } from './timeframe.ts';

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();
const QUARTER = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;

/** Milliseconds by which local time in `timeZone` (IANA) is ahead of UTC at `ts` (epoch milliseconds). */
export function offsetAt(timeZone: string, ts: number): number {
  if (timeZone === 'UTC') return 0;
  // Zones change on the quarter hour (since 2012, but for Casey), so that one look-up serves all of it.
  const block = Math.floor(ts / QUARTER) * QUARTER;
  const key = `${timeZone} ${block}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = readOffset(timeZone, block);
    if (offsets.size > 50_000) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}

/**
 * The first instant at which clocks in `timeZone` show `local` (milliseconds, as if local time were UTC) or later: the earlier one where
 * they show it twice, and the jump where they skip it.
 */
export function instantOf(timeZone: string, local: number): number {
  const [before, after] = [offsetAt(timeZone, local - DAY), offsetAt(timeZone, local + DAY)];
  const [early, late] = [local - Math.max(before, after), local - Math.min(before, after)];
  for (const ts of [early, late]) if (ts + offsetAt(timeZone, ts) === local) return ts;
  return changeIn(timeZone, local - DAY, local + DAY);
}

/** The instant in (from, to] from which on the offset of `timeZone` is another than at `from`, where it changes once in between. */
export function changeIn(timeZone: string, from: number, to: number): number {
  let [low, high] = [Math.floor(from / QUARTER), Math.floor(to / QUARTER)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(timeZone, middle * QUARTER) === offsetAt(timeZone, from)) low = middle;
    else high = middle;
  }
  return high * QUARTER;
}

/** Whether this runtime knows the zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    format(timeZone);
    return true;
  } catch {
    return false;
  }
}

function format(timeZone: string): Intl.DateTimeFormat {
  let found = formats.get(timeZone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, found);
  }
  return found;
}

function readOffset(timeZone: string, ts: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format(timeZone).formatToParts(ts)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - ts;
}
