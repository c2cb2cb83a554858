/** A day as a number: days since 1 January 1970, of whatever clock the caller reads. */
export type DayNumber = number;

export const DAY = 86_400_000;

export const SUNDAY = 0;
export const MONDAY = 1;
export const THURSDAY = 4;
export const FRIDAY = 5;
export const SATURDAY = 6;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The day that holds `ms` of a local clock (milliseconds as if local time were UTC). */
export const dayOf = (ms: number): DayNumber => Math.floor(ms / DAY);

/** `YYYY-MM-DD`. */
export const dateText = (day: DayNumber): string => new Date(day * DAY).toISOString().slice(0, 10);

/** The day of `YYYY-MM-DD`; null where the text names none (2014-02-30 does not). */
export function parseDate(text: string): DayNumber | null {
  const [, year, month, date] = DATE.exec(text) ?? [];
  if (year === undefined) return null;
  const day = dayNumber(Number(year), Number(month), Number(date));
  return dateText(day) === text ? day : null;
}

/** `month` counts from 1. */
export const dayNumber = (year: number, month: number, date: number): DayNumber =>
  Math.floor(Date.UTC(year, month - 1, date) / DAY);

export const yearOf = (day: DayNumber): number => new Date(day * DAY).getUTCFullYear();

/** 0 is Sunday. 1 January 1970 was a Thursday. */
export const weekdayOf = (day: DayNumber): number => (((day + THURSDAY) % 7) + 7) % 7;

/** The `nth` such weekday of a month. */
export function nthWeekday(year: number, month: number, weekday: number, nth: number): DayNumber {
  const first = dayNumber(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1);
}

/** The last such weekday of a month. */
export function lastWeekday(year: number, month: number, weekday: number): DayNumber {
  const last = dayNumber(year, month + 1, 1) - 1;
  return last - ((weekdayOf(last) - weekday + 7) % 7);
}

/** Easter Sunday of the Gregorian calendar (the Meeus/Jones/Butcher rule). */
export function easterSunday(year: number): DayNumber {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const date = (h + l - 7 * m + 33 * month + 19) % 32;
  return dayNumber(year, month, date);
}
