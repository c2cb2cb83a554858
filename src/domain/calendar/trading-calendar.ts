import { instantOf, offsetAt } from '../base/time-zone.ts';
import { MINUTE } from '../base/timeframe.ts';
import { PulseError } from '../errors/errors.ts';
import { DAY, type DayNumber, dateText, dayOf, FRIDAY, MONDAY, parseDate, weekdayOf } from './civil-date.ts';
import { nyseDay } from './nyse-days.ts';

/** `24x7`: UTC days. `fx`: 17:00 to 17:00 in New York, Sunday to Friday. `us-equities`: the New York Stock Exchange's core session. */
export const calendarNames = ['24x7', 'fx', 'us-equities'] as const;
export type CalendarName = (typeof calendarNames)[number];

/** A trading day: the minutes of [from, to), both in epoch milliseconds on whole minutes. */
export interface Session {
  readonly calendar: CalendarName;
  /** `YYYY-MM-DD`: for `fx` the day on which it ends. */
  readonly date: string;
  readonly from: number;
  readonly to: number;
  /** A day that most venues of this market keep closed, and some do not: without ticks it says nothing. */
  readonly holiday: boolean;
}

/** When a market is open. Moments are epoch milliseconds, UTC. */
export interface TradingCalendar {
  readonly name: CalendarName;
  /** The session of a date `YYYY-MM-DD`; null where the market stays closed. Rejects with `parity.session.date`. */
  session(date: string): Session | null;
  /** The session that holds `ts`; null while the market is closed. */
  sessionOf(ts: number): Session | null;
  /** The sessions that have a minute in [from, to), in order. */
  sessionsBetween(from: number, to: number): Session[];
  /** The last session that ended at or before `ts`. */
  lastEnded(ts: number): Session;
  /** Whether the minute that starts at `minute` belongs to a session. */
  isOpen(minute: number): boolean;
  /** The starts of a session's minutes, in order. */
  minutesOf(session: Session): number[];
}

const NEW_YORK = 'America/New_York';
const HOUR = 60 * MINUTE;

/** The hours of a day, or null where it has none. */
type Hours = (day: DayNumber) => { from: number; to: number; holiday?: boolean } | null;

class HoursCalendar implements TradingCalendar {
  readonly name: CalendarName;
  readonly #hours: Hours;
  /** The session that `ts` would fall into, were it open. */
  readonly #dayAt: (ts: number) => DayNumber;
  readonly #sessions = new Map<DayNumber, Session | null>();

  constructor(name: CalendarName, hours: Hours, dayAt: (ts: number) => DayNumber) {
    this.name = name;
    this.#hours = hours;
    this.#dayAt = dayAt;
  }

  session(date: string): Session | null {
    const day = parseDate(date);
    if (day === null) throw new PulseError('parity.session.date', { value: date });
    return this.#session(day);
  }

  sessionOf(ts: number): Session | null {
    const session = this.#session(this.#dayAt(ts));
    return session !== null && ts >= session.from && ts < session.to ? session : null;
  }

  sessionsBetween(from: number, to: number): Session[] {
    const found: Session[] = [];
    if (from >= to) return found;
    for (let day = this.#dayAt(from); day <= this.#dayAt(to); day += 1) {
      const session = this.#session(day);
      if (session !== null && session.from < to && session.to > from) found.push(session);
    }
    return found;
  }

  lastEnded(ts: number): Session {
    for (let day = this.#dayAt(ts); ; day -= 1) {
      const session = this.#session(day);
      if (session !== null && session.to <= ts) return session;
    }
  }

  isOpen(minute: number): boolean {
    return this.sessionOf(minute) !== null;
  }

  minutesOf({ from, to }: Session): number[] {
    return Array.from({ length: (to - from) / MINUTE }, (_, i) => from + i * MINUTE);
  }

  #session(day: DayNumber): Session | null {
    let session = this.#sessions.get(day);
    if (session === undefined) {
      const hours = this.#hours(day);
      session = hours && { calendar: this.name, date: dateText(day), holiday: false, ...hours };
      // A calendar lives as long as the process; a watch over years must not grow it.
      if (this.#sessions.size > 10_000) this.#sessions.clear();
      this.#sessions.set(day, session);
    }
    return session;
  }
}

const newYork = (day: DayNumber, clock: number): number => instantOf(NEW_YORK, day * DAY + clock);
const newYorkClock = (ts: number): number => ts + offsetAt(NEW_YORK, ts);

function fxHours(day: DayNumber): ReturnType<Hours> {
  const weekday = weekdayOf(day);
  if (weekday < MONDAY || weekday > FRIDAY) return null;
  // Currencies have no exchange that could close them; on these two days nearly everybody stays away.
  const holiday = /-(12-25|01-01)$/.test(dateText(day));
  return { from: newYork(day - 1, 17 * HOUR), to: newYork(day, 17 * HOUR), holiday };
}

function equityHours(day: DayNumber): { from: number; to: number } | null {
  const kind = nyseDay(day);
  if (kind === 'closed') return null;
  return { from: newYork(day, 9.5 * HOUR), to: newYork(day, (kind === 'half' ? 13 : 16) * HOUR) };
}

export const tradingCalendars: Readonly<Record<CalendarName, TradingCalendar>> = {
  '24x7': new HoursCalendar('24x7', (day) => ({ from: day * DAY, to: (day + 1) * DAY }), dayOf),
  // From 17:00 on, the clock is in the session of the next date.
  fx: new HoursCalendar('fx', fxHours, (ts) => dayOf(newYorkClock(ts) + 7 * HOUR)),
  'us-equities': new HoursCalendar('us-equities', equityHours, (ts) => dayOf(newYorkClock(ts))),
};
