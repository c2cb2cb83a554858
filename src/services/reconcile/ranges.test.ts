import { expect, test } from 'vitest';
import { tradingCalendars } from '../../domain/calendar/trading-calendar.ts';
import { type Piece, piecesOf, type Wanted } from './ranges.ts';

const at = (iso: string): number => Date.parse(`${iso}:00Z`);
/** Minutes that ended by then stand on both sides. */
const CLOSED = at('2014-05-08T11:58');
const { fx } = tradingCalendars;
const text = (pieces: readonly Piece[]): string[] =>
  pieces.map(({ from, to, session }) => {
    const short = (ts: number): string => new Date(ts).toISOString().slice(5, 16);
    return `${short(from)} ${short(to)} ${session?.date ?? 'none'}`;
  });
const pieces = (wanted: Wanted, starts: readonly number[] = [], closed = CLOSED): string[] =>
  text(piecesOf(wanted, 'EURUSD', fx, starts, closed));

test('a session is one piece', () => {
  expect(pieces({ session: '2014-05-06' })).toEqual(['05-05T21:00 05-06T21:00 2014-05-06']);
});

test('a session on which the market is closed is refused, with the one before', () => {
  expect(() => pieces({ session: '2014-05-03' })).toThrow(/EURUSD has no session on 2014-05-03.*2014-05-02/);
});

test('of a session under way only what is closed is compared', () => {
  expect(pieces({ session: '2014-05-08' })).toEqual(['05-07T21:00 05-08T11:58 2014-05-08']);
});

test('a session that has not begun, or of which no minute is closed, is refused with the last one that ended', () => {
  expect(() => pieces({ session: '2014-05-09' })).toThrow(
    /nothing of the session 2014-05-09 of EURUSD is settled yet: it begins at 2014-05-08T21:00.*is 2014-05-07/,
  );
  expect(() => pieces({ session: '2014-05-08' }, [], at('2014-05-07T21:00'))).toThrow(
    expect.objectContaining({ code: 'parity.session.open' }),
  );
});

test('an interval is cut where sessions begin; what lies between belongs to the one before', () => {
  expect(pieces({ from: at('2014-05-02T20:00'), to: at('2014-05-05T22:00') })).toEqual([
    '05-02T20:00 05-04T21:00 2014-05-02',
    '05-04T21:00 05-05T21:00 2014-05-05',
    '05-05T21:00 05-05T22:00 2014-05-06',
  ]);
});

test('an interval on a weekend holds no session', () => {
  expect(pieces({ from: at('2014-05-03T10:00'), to: at('2014-05-03T11:00') })).toEqual([
    '05-03T10:00 05-03T11:00 none',
  ]);
});

test('minutes that may still be open, or on their way, are left out', () => {
  expect(pieces({ from: at('2014-05-08T11:00'), to: at('2014-05-08T13:00') })).toEqual([
    '05-08T11:00 05-08T11:58 2014-05-08',
  ]);
});

test('the newest bars end with the newest closed one', () => {
  const starts = [at('2014-05-08T10:00'), at('2014-05-08T11:00'), at('2014-05-08T11:59')];
  expect(pieces({ newest: 60 }, starts)).toEqual(['05-08T10:01 05-08T11:01 2014-05-08']);
});

test('every session from the first bar on is whole, save for the one under way', () => {
  const starts = [at('2014-05-07T03:00'), at('2014-05-08T11:00')];
  expect(pieces({ every: 'session' }, starts)).toEqual([
    '05-06T21:00 05-07T21:00 2014-05-07',
    '05-07T21:00 05-08T11:58 2014-05-08',
  ]);
});

test('a tape of long ago has whole sessions only', () => {
  expect(pieces({ every: 'session' }, [at('2014-05-08T11:00')], Number.MAX_SAFE_INTEGER)).toEqual([
    '05-07T21:00 05-08T21:00 2014-05-08',
  ]);
});

test('without bars there is nothing to compare', () => {
  expect(pieces({ newest: 60 })).toEqual([]);
  expect(pieces({ every: 'session' }, [CLOSED])).toEqual([]);
});
