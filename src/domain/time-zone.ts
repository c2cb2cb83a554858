import { MINUTE } from './timeframe.ts';

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();
const QUARTER = 15 * MINUTE;

/** Milliseconds by which local time in `timeZone` (IANA) is ahead of UTC at `ts` (epoch milliseconds). */
export function offsetAt(timeZone: string, ts: number): number {
  if (timeZone === 'UTC') return 0;
  // Zones change on the quarter hour, so that one look-up serves all of it.
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

/** The instant at which clocks in `timeZone` show `local` (milliseconds, as if local time were UTC); the earlier one where they show it twice. */
export function instantOf(timeZone: string, local: number): number {
  const guess = local - offsetAt(timeZone, local);
  const earlier = local - offsetAt(timeZone, guess - 60 * MINUTE);
  if (earlier + offsetAt(timeZone, earlier) === local) return earlier;
  return local - offsetAt(timeZone, guess);
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
