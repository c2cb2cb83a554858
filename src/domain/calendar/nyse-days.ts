import {
  type DayNumber,
  dayNumber,
  easterSunday,
  FRIDAY,
  lastWeekday,
  MONDAY,
  nthWeekday,
  SATURDAY,
  SUNDAY,
  THURSDAY,
  weekdayOf,
  yearOf,
} from './civil-date.ts';

/** How the New York Stock Exchange trades on a day: not, until 13:00, or until 16:00. */
export type NyseDay = 'closed' | 'half' | 'full';

/** Days on which the exchange stayed closed by decision, not by rule: days of mourning. */
const UNSCHEDULED = new Set(['2018-12-05', '2025-01-09']);

const years = new Map<number, ReadonlyMap<DayNumber, NyseDay>>();

/** By the exchange's rules since 2013, when the half day of 3 July took its present form. */
export function nyseDay(day: DayNumber): NyseDay {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY || weekday === SUNDAY) return 'closed';
  const year = yearOf(day);
  let special = years.get(year);
  if (special === undefined) {
    special = specialDays(year);
    years.set(year, special);
  }
  return special.get(day) ?? 'full';
}

/** The days of a year on which trading is not as usual. */
function specialDays(year: number): Map<DayNumber, NyseDay> {
  const days = new Map<DayNumber, NyseDay>();
  for (const day of halfDays(year)) days.set(day, 'half');
  for (const day of holidays(year)) days.set(day, 'closed');
  for (const text of UNSCHEDULED)
    if (text.startsWith(`${year}-`))
      days.set(dayNumber(year, Number(text.slice(5, 7)), Number(text.slice(8))), 'closed');
  return days;
}

function holidays(year: number): DayNumber[] {
  const newYear = dayNumber(year, 1, 1);
  return [
    // A New Year's Day on a Saturday is not made up for: the Friday before ends the year's accounts.
    ...(weekdayOf(newYear) === SATURDAY ? [] : [observed(newYear)]),
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2,
    lastWeekday(year, 5, MONDAY),
    ...(year >= 2022 ? [observed(dayNumber(year, 6, 19))] : []),
    observed(dayNumber(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    thanksgiving(year),
    observed(dayNumber(year, 12, 25)),
  ];
}

/** The day after Thanksgiving; and the eves of Independence Day and Christmas, where both eve and day fall on weekdays. */
function halfDays(year: number): DayNumber[] {
  const eves = [dayNumber(year, 7, 3), dayNumber(year, 12, 24)];
  return [thanksgiving(year) + 1, ...eves.filter((eve) => weekdayOf(eve) >= MONDAY && weekdayOf(eve) < FRIDAY)];
}

const thanksgiving = (year: number): DayNumber => nthWeekday(year, 11, THURSDAY, 4);

/** A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after. */
function observed(day: DayNumber): DayNumber {
  const weekday = weekdayOf(day);
  return weekday === SATURDAY ? day - 1 : weekday === SUNDAY ? day + 1 : day;
}
