import { PulseError } from '../errors.ts';
import { type CalendarName, calendarNames, type TradingCalendar, tradingCalendars } from '../trading-calendar.ts';

/** Calendars by symbol pattern (`*` and `?` as in file names); the first that matches counts. */
export type CalendarRules = ReadonlyMap<string, CalendarName>;

/** Reads `EUR*=fx,BTC*=24x7,*=24x7`. `source` says where the text came from. Rejects with `parity.calendar.rule`. */
export function parseCalendarRules(text: string, source: string): CalendarRules {
  const rules = new Map<string, CalendarName>();
  for (const part of text.split(',')) {
    const [pattern = '', name, ...more] = part.trim().split('=');
    const calendar = calendarNames.find((known) => known === name?.trim());
    if (!PATTERN.test(pattern) || calendar === undefined || more.length > 0)
      throw new PulseError('parity.calendar.rule', { value: part.trim(), source, allowed: calendarNames.join(', ') });
    if (!rules.has(pattern)) rules.set(pattern, calendar);
  }
  return rules;
}

const PATTERN = /^[A-Za-z0-9._*?-]+$/;

/** The calendar of a symbol. Rejects with `parity.calendar.none` where no pattern matches. */
export function calendarOf(rules: CalendarRules, symbol: string): TradingCalendar {
  for (const [pattern, name] of rules) if (matchesPattern(pattern, symbol)) return tradingCalendars[name];
  throw new PulseError('parity.calendar.none', {
    symbol,
    rules: [...rules].map(([pattern, name]) => `${pattern}=${name}`).join(','),
  });
}

/** Whether `symbol` matches `pattern`, in which `*` stands for any text and `?` for one character. */
export function matchesPattern(pattern: string, symbol: string): boolean {
  const source = pattern
    .replace(/[.\\+^$()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(symbol);
}
