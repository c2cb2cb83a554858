import { PulseError } from '../errors.ts';
import { type CalendarName, type TradingCalendar, tradingCalendars } from '../trading-calendar.ts';

/** Calendars by symbol pattern (`*` and `?` as in file names); the first that matches counts. */
export type CalendarRules = ReadonlyMap<string, CalendarName>;

/** The calendar of a symbol. Rejects with `parity.calendar.none` where no pattern matches. */
export function calendarOf(rules: CalendarRules, symbol: string): TradingCalendar {
  for (const [pattern, name] of rules) if (matchesPattern(pattern, symbol)) return tradingCalendars[name];
  throw new PulseError('parity.calendar.none', {
    symbol,
    rules: [...rules].map(([pattern, name]) => `${pattern}=${name}`).join(','),
  });
}

/** Whether `symbol` matches `pattern`, in which `*` stands for any text and `?` for one character. */
function matchesPattern(pattern: string, symbol: string): boolean {
  const source = pattern
    .replace(/[.\\+^$()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(symbol);
}
