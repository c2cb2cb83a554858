import { offsetAt } from '../base/time-zone.ts';
import { MINUTE } from '../base/timeframe.ts';
import type { Instrument } from './instrument.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Local hours in which a city trades. */
const CITIES = [
  { city: 'tokyo', timeZone: 'Asia/Tokyo', opens: 8.5, closes: 17.5 },
  { city: 'london', timeZone: 'Europe/London', opens: 7.5, closes: 17 },
  { city: 'newYork', timeZone: 'America/New_York', opens: 7.5, closes: 17 },
] as const;

/** The hour around the 17:00 roll in New York: the quietest of the day. */
const ROLL = { opens: 16.6, closes: 18.4 };

/**
 * How busy an instrument is at `ts`: about 1 while London and New York overlap, 0 while it is closed. FX is open from
 * Sunday 17:00 to Friday 17:00 in New York, daylight saving time included.
 */
export function activityAt({ kind, activity }: Instrument, ts: number): number {
  const newYork = ts + offsetAt('America/New_York', ts);
  if (kind === 'fx' && isWeekend(newYork)) return 0;
  let busy = activity.floor;
  for (const { city, timeZone, opens, closes } of CITIES) {
    const local = ts + offsetAt(timeZone, ts);
    // At weekends crypto goes on, but the desks of the cities do not.
    const share = isWeekend(newYork) ? 0.45 : 1;
    busy += activity[city] * share * tradingDay(hourOf(local), opens, closes);
  }
  const hour = hourOf(newYork);
  const roll = kind === 'fx' && hour > ROLL.opens && hour < ROLL.closes ? 0.35 : 1;
  return busy * roll;
}

const hourOf = (local: number): number => (((local % DAY) + DAY) % DAY) / HOUR;

/** From Friday 17:00 to Sunday 17:00, in New York's own time. */
function isWeekend(newYork: number): boolean {
  // 1 January 1970 was a Thursday; shifted by 7 hours the day begins at 17:00.
  const day = Math.floor((newYork + 7 * HOUR) / DAY) % 7;
  return day === 2 || day === 3;
}

/** A city's day: a rush at the open, a lull at noon, another rush before the close. */
function tradingDay(hour: number, opens: number, closes: number): number {
  if (hour <= opens - 0.75 || hour >= closes + 0.75) return 0;
  const edge = Math.min(1, (hour - opens + 0.75) / 0.75, (closes + 0.75 - hour) / 0.75);
  const noon = Math.exp(-(((hour - (opens + closes) / 2) / 1.3) ** 2));
  const open = Math.exp(-(((hour - opens - 0.6) / 0.9) ** 2));
  return edge * (0.75 + 0.35 * open - 0.25 * noon);
}
