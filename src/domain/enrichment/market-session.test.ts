import { expect, test } from 'vitest';
import { marketSession, SessionClock } from './market-session.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

// Clocks change in New York on 10 March and 3 November 2024, in London on 31 March and 27 October, in Tokyo never.
test.each`
  utc                      | session              | about
  ${'2024-01-09T00:00'}    | ${'asia'}            | ${'Tokyo opens'}
  ${'2024-01-08T23:59:59'} | ${'off'}             | ${'a second before'}
  ${'2024-01-09T07:59'}    | ${'asia'}            | ${'London is not there yet'}
  ${'2024-01-09T08:00'}    | ${'asia_london'}     | ${'London opens in winter'}
  ${'2024-01-09T09:00'}    | ${'london'}          | ${'Tokyo closes'}
  ${'2024-01-09T12:59'}    | ${'london'}          | ${'New York is not there yet'}
  ${'2024-01-09T13:00'}    | ${'london_new_york'} | ${'New York opens in winter'}
  ${'2024-01-09T17:00'}    | ${'new_york'}        | ${'London closes'}
  ${'2024-01-09T21:59'}    | ${'new_york'}        | ${'the last minute'}
  ${'2024-01-09T22:00'}    | ${'off'}             | ${'New York closes'}
  ${'2024-03-08T12:30'}    | ${'london'}          | ${'before New York changes'}
  ${'2024-03-11T12:30'}    | ${'london_new_york'} | ${'New York has changed, London has not'}
  ${'2024-03-11T16:30'}    | ${'london_new_york'} | ${'London closes at 17:00 UTC still'}
  ${'2024-03-11T21:30'}    | ${'off'}             | ${'New York closes at 21:00 UTC now'}
  ${'2024-03-28T07:30'}    | ${'asia'}            | ${'London opens at 08:00 UTC still'}
  ${'2024-04-01T07:30'}    | ${'asia_london'}     | ${'London has changed'}
  ${'2024-04-01T16:30'}    | ${'new_york'}        | ${'London closes at 16:00 UTC now'}
  ${'2024-07-09T07:00'}    | ${'asia_london'}     | ${'summer'}
  ${'2024-10-25T16:30'}    | ${'new_york'}        | ${'before London changes back'}
  ${'2024-10-28T16:30'}    | ${'london_new_york'} | ${'London has changed back, New York has not'}
  ${'2024-10-28T12:30'}    | ${'london_new_york'} | ${'New York opens at 12:00 UTC still'}
  ${'2024-11-04T12:30'}    | ${'london'}          | ${'New York has changed back'}
  ${'2024-01-12T21:59'}    | ${'new_york'}        | ${'the week ends'}
  ${'2024-01-12T22:00'}    | ${'closed'}          | ${'Friday 17:00 in New York'}
  ${'2024-01-14T21:59'}    | ${'closed'}          | ${'Sunday, a minute before the week begins'}
  ${'2024-01-14T22:00'}    | ${'off'}             | ${'Sunday 17:00 in New York'}
  ${'2024-07-12T21:00'}    | ${'closed'}          | ${'Friday in summer'}
  ${'2024-07-14T21:00'}    | ${'off'}             | ${'Sunday in summer'}
  ${'2024-03-10T20:59'}    | ${'closed'}          | ${'Sunday on which New York changed'}
  ${'2024-03-10T21:00'}    | ${'off'}             | ${'Sunday on which New York changed'}
`('$utc UTC is $session: $about', ({ utc, session }) => {
  expect(marketSession(at(utc))).toBe(session);
});

test.each`
  utc                   | session
  ${'2024-01-13T13:30'} | ${'london_new_york'}
  ${'2024-01-13T23:00'} | ${'off'}
  ${'2024-01-14T01:00'} | ${'asia'}
`('a market that never closes: Saturday or Sunday $utc UTC is $session', ({ utc, session }) => {
  expect(marketSession(at(utc), { weekends: 'open' })).toBe(session);
});

test('a session clock says the same at every minute of the weeks in which clocks change', () => {
  const clock = new SessionClock();
  for (const [from, to] of [
    ['2024-03-08T00:00', '2024-03-12T00:00'],
    ['2024-03-29T00:00', '2024-04-02T00:00'],
    ['2024-10-25T00:00', '2024-11-05T00:00'],
  ] as const)
    for (let ts = at(from); ts < at(to); ts += 60_000) expect(clock.at(ts)).toBe(marketSession(ts));
});

test('a session clock can be asked backwards', () => {
  const clock = new SessionClock();
  expect([at('2024-01-09T13:00'), at('2024-01-09T00:00')].map((ts) => clock.at(ts))).toEqual([
    'london_new_york',
    'asia',
  ]);
});
