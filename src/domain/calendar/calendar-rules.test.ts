import { expect, test } from 'vitest';
import { calendarOf, parseCalendarRules } from './calendar-rules.ts';

const rules = parseCalendarRules('EURUSD.demo=24x7, EUR*=fx,B?C*=24x7,*=us-equities', 'CALENDARS');

test.each`
  symbol           | calendar
  ${'EURUSD'}      | ${'fx'}
  ${'EURUSD.demo'} | ${'24x7'}
  ${'EURUSDxdemo'} | ${'fx'}
  ${'BTCUSDT'}     | ${'24x7'}
  ${'XEUR'}        | ${'us-equities'}
`('the first pattern that matches gives $symbol the calendar $calendar', ({ symbol, calendar }) => {
  expect(calendarOf(rules, symbol).name).toBe(calendar);
});

test.each(['EUR*', 'EUR*=forex', '=fx', 'EUR*=fx=fx', 'EUR USD=fx', '', 'EUR*=fx,'])('%j is refused', (text) => {
  expect(() => parseCalendarRules(text, 'CALENDARS')).toThrow(
    expect.objectContaining({ code: 'parity.calendar.rule' }),
  );
});

test('a symbol that no rule matches is an error that names the rules', () => {
  expect(() => calendarOf(parseCalendarRules('EUR*=fx', 'CALENDARS'), 'BTCUSDT')).toThrow(
    /no calendar for BTCUSDT in CALENDARS \(EUR\*=fx\)/,
  );
});
