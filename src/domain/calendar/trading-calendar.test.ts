import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE } from '../base/timeframe.ts';
import { calendarNames, tradingCalendars } from './trading-calendar.ts';

const at = (iso: string): number => Date.parse(iso);
const iso = (ts: number): string => new Date(ts).toISOString().slice(0, 16);

test.each`
  calendar         | date            | from                  | to                    | why
  ${'24x7'}        | ${'2014-05-03'} | ${'2014-05-03T00:00'} | ${'2014-05-04T00:00'} | ${'a Saturday'}
  ${'fx'}          | ${'2014-05-02'} | ${'2014-05-01T21:00'} | ${'2014-05-02T21:00'} | ${'daylight saving time'}
  ${'fx'}          | ${'2014-01-06'} | ${'2014-01-05T22:00'} | ${'2014-01-06T22:00'} | ${'standard time, from Sunday on'}
  ${'fx'}          | ${'2014-03-07'} | ${'2014-03-06T22:00'} | ${'2014-03-07T22:00'} | ${'the last before clocks go forward'}
  ${'fx'}          | ${'2014-03-10'} | ${'2014-03-09T21:00'} | ${'2014-03-10T21:00'} | ${'the first after clocks went forward'}
  ${'fx'}          | ${'2024-11-01'} | ${'2024-10-31T21:00'} | ${'2024-11-01T21:00'} | ${'the last before clocks go back'}
  ${'fx'}          | ${'2024-11-04'} | ${'2024-11-03T22:00'} | ${'2024-11-04T22:00'} | ${'the first after clocks went back'}
  ${'fx'}          | ${'2025-12-25'} | ${'2025-12-24T22:00'} | ${'2025-12-25T22:00'} | ${'fx keeps no holidays'}
  ${'us-equities'} | ${'2024-03-08'} | ${'2024-03-08T14:30'} | ${'2024-03-08T21:00'} | ${'standard time'}
  ${'us-equities'} | ${'2024-03-11'} | ${'2024-03-11T13:30'} | ${'2024-03-11T20:00'} | ${'daylight saving time'}
  ${'us-equities'} | ${'2024-07-03'} | ${'2024-07-03T13:30'} | ${'2024-07-03T17:00'} | ${'a half day'}
  ${'us-equities'} | ${'2024-11-29'} | ${'2024-11-29T14:30'} | ${'2024-11-29T18:00'} | ${'a half day in winter'}
`('$calendar $date is from $from to $to: $why', ({ calendar, date, from, to }) => {
  const session = tradingCalendars[calendar as 'fx'].session(date)!;
  expect([session.date, iso(session.from), iso(session.to)]).toEqual([date, from, to]);
});

test.each`
  calendar         | date            | why
  ${'fx'}          | ${'2014-05-03'} | ${'Saturday'}
  ${'fx'}          | ${'2014-05-04'} | ${'Sunday evening belongs to Monday'}
  ${'us-equities'} | ${'2024-03-29'} | ${'Good Friday'}
  ${'us-equities'} | ${'2022-06-20'} | ${'Juneteenth, observed'}
`('$calendar has no session on $date: $why', ({ calendar, date }) => {
  expect(tradingCalendars[calendar as 'fx'].session(date)).toBeNull();
});

test.each`
  calendar         | minute                | session
  ${'fx'}          | ${'2014-05-02T20:59'} | ${'2014-05-02'}
  ${'fx'}          | ${'2014-05-02T21:00'} | ${null}
  ${'fx'}          | ${'2014-05-04T20:59'} | ${null}
  ${'fx'}          | ${'2014-05-04T21:00'} | ${'2014-05-05'}
  ${'fx'}          | ${'2014-05-05T21:00'} | ${'2014-05-06'}
  ${'us-equities'} | ${'2024-03-11T13:29'} | ${null}
  ${'us-equities'} | ${'2024-03-11T13:30'} | ${'2024-03-11'}
  ${'us-equities'} | ${'2024-07-03T16:59'} | ${'2024-07-03'}
  ${'us-equities'} | ${'2024-07-03T17:00'} | ${null}
  ${'24x7'}        | ${'2024-12-31T23:59'} | ${'2024-12-31'}
`('$calendar: $minute belongs to $session', ({ calendar, minute, session }) => {
  const found = tradingCalendars[calendar as 'fx'];
  expect(found.sessionOf(at(`${minute}Z`))?.date ?? null).toBe(session);
  expect(found.isOpen(at(`${minute}Z`))).toBe(session !== null);
});

test('sessions between two moments are those with a minute between them', () => {
  const between = (from: string, to: string): string[] =>
    tradingCalendars.fx.sessionsBetween(at(from), at(to)).map((s) => s.date);
  expect(between('2014-05-01T00:00Z', '2014-05-07T00:00Z')).toEqual([
    '2014-05-01',
    '2014-05-02',
    '2014-05-05',
    '2014-05-06',
    '2014-05-07',
  ]);
  expect(between('2014-05-02T21:00Z', '2014-05-04T21:00Z')).toEqual([]);
  expect(between('2014-05-02T20:59Z', '2014-05-04T21:01Z')).toEqual(['2014-05-02', '2014-05-05']);
  expect(between('2014-05-02T12:00Z', '2014-05-02T12:00Z')).toEqual([]);
});

test('the last ended session is found across weekends and holidays', () => {
  expect(tradingCalendars.fx.lastEnded(at('2014-05-04T22:00Z')).date).toBe('2014-05-02');
  expect(tradingCalendars.fx.lastEnded(at('2014-05-02T21:00Z')).date).toBe('2014-05-02');
  expect(tradingCalendars.fx.lastEnded(at('2014-05-02T20:59Z')).date).toBe('2014-05-01');
  expect(tradingCalendars['us-equities'].lastEnded(at('2024-04-01T12:00Z')).date).toBe('2024-03-28');
});

test.each(['2014-02-30', '14-05-02', 'friday', ''])('%j names no session', (date) => {
  expect(() => tradingCalendars.fx.session(date)).toThrow(expect.objectContaining({ code: 'parity.session.date' }));
});

const moment = fc
  .integer({ min: at('2013-01-01T00:00Z') / MINUTE, max: at('2027-12-31T00:00Z') / MINUTE })
  .map((m) => m * MINUTE);

test.each(
  calendarNames,
)('%s: every open minute is in exactly the session that it names, and sessions do not overlap', (name) => {
  const calendar = tradingCalendars[name];
  fc.assert(
    fc.property(moment, (minute) => {
      const session = calendar.sessionOf(minute);
      const around = calendar.sessionsBetween(minute - 4 * 1_440 * MINUTE, minute + 4 * 1_440 * MINUTE);
      for (const [i, next] of around.slice(1).entries()) expect(next.from).toBeGreaterThanOrEqual(around[i]!.to);
      expect(around.filter((s) => minute >= s.from && minute < s.to)).toEqual(session === null ? [] : [session]);
      if (session === null) return;
      expect(calendar.session(session.date)).toEqual(session);
      expect(calendar.minutesOf(session)).toContain(minute);
    }),
  );
});

test('a session has the minutes of its hours', () => {
  const minutes = (name: 'fx' | 'us-equities', date: string): number => {
    const calendar = tradingCalendars[name];
    return calendar.minutesOf(calendar.session(date)!).length;
  };
  expect(minutes('fx', '2014-03-10')).toBe(1440);
  expect(minutes('us-equities', '2024-03-11')).toBe(390);
  expect(minutes('us-equities', '2024-07-03')).toBe(210);
});
