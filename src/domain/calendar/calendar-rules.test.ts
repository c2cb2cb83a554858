import { expect, test } from 'vitest';
import { calendarOf } from './calendar-rules.ts';

const rules = new Map([
  ['EURUSD.demo', '24x7'],
  ['EUR*', 'fx'],
  ['B?C*', '24x7'],
  ['*', 'us-equities'],
] as const);

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

test('a symbol that no rule matches is an error that names the rules', () => {
  expect(() => calendarOf(new Map([['EUR*', 'fx']]), 'BTCUSDT')).toThrow(
    /no calendar for BTCUSDT in CALENDARS \(EUR\*=fx\)/,
  );
});
