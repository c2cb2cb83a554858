import { describe, expect, test } from 'vitest';
import { changeIn, offsetAt } from '../base/time-zone.ts';
import { MINUTE, type Timeframe } from '../base/timeframe.ts';
import { bucketOf } from './bucket.ts';

const utc = { timeZone: 'UTC', hour: 0 };
const newYork = { timeZone: 'America/New_York', hour: 17 };
const india = { timeZone: 'Asia/Kolkata', hour: 0 };

test.each`
  tf       | origin     | ts                        | start                     | end
  ${'5m'}  | ${utc}     | ${'2014-05-01T10:04:59Z'} | ${'2014-05-01T10:00:00Z'} | ${'2014-05-01T10:05:00Z'}
  ${'15m'} | ${utc}     | ${'2014-05-01T10:15:00Z'} | ${'2014-05-01T10:15:00Z'} | ${'2014-05-01T10:30:00Z'}
  ${'1h'}  | ${india}   | ${'2014-05-01T10:15:00Z'} | ${'2014-05-01T09:30:00Z'} | ${'2014-05-01T10:30:00Z'}
  ${'4h'}  | ${utc}     | ${'2014-05-01T07:59:00Z'} | ${'2014-05-01T04:00:00Z'} | ${'2014-05-01T08:00:00Z'}
  ${'1d'}  | ${utc}     | ${'2014-05-01T23:59:00Z'} | ${'2014-05-01T00:00:00Z'} | ${'2014-05-02T00:00:00Z'}
  ${'1d'}  | ${newYork} | ${'2014-05-01T20:59:00Z'} | ${'2014-04-30T21:00:00Z'} | ${'2014-05-01T21:00:00Z'}
  ${'1d'}  | ${newYork} | ${'2014-05-01T21:00:00Z'} | ${'2014-05-01T21:00:00Z'} | ${'2014-05-02T21:00:00Z'}
  ${'1d'}  | ${newYork} | ${'2014-03-09T12:00:00Z'} | ${'2014-03-08T22:00:00Z'} | ${'2014-03-09T21:00:00Z'}
  ${'1d'}  | ${newYork} | ${'2014-11-02T12:00:00Z'} | ${'2014-11-01T21:00:00Z'} | ${'2014-11-02T22:00:00Z'}
  ${'4h'}  | ${newYork} | ${'2014-01-15T22:30:00Z'} | ${'2014-01-15T22:00:00Z'} | ${'2014-01-16T02:00:00Z'}
`('$tf of $ts runs from $start to $end', ({ tf, origin, ts, start, end }) => {
  expect(bucketOf(tf as Timeframe, Date.parse(ts), origin)).toEqual({ start: Date.parse(start), end: Date.parse(end) });
});

test('the buckets of a year leave no gap and do not overlap', () => {
  for (const origin of [utc, newYork, india])
    for (const tf of ['1h', '4h', '1d'] as const) {
      let at = bucketOf(tf, Date.UTC(2014, 0, 1), origin).start;
      while (at < Date.UTC(2015, 0, 2)) {
        const bucket = bucketOf(tf, at, origin);
        expect(bucket.start).toBe(at);
        expect(bucketOf(tf, bucket.end - 1, origin)).toEqual(bucket);
        at = bucket.end;
      }
    }
});

/** Where days begin at a skipped hour, where clocks change by half an hour, by two or by a day, twice a year or four times. */
const zones = [
  'America/New_York',
  'America/Chicago',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'America/Caracas',
  'Europe/London',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Tehran',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Asia/Pyongyang',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Pacific/Apia',
  'Antarctica/Troll',
];
const WEEK = 7 * 1440 * MINUTE;

function changesOf(timeZone: string): number[] {
  const found: number[] = [];
  for (let at = Date.UTC(2010, 0, 1); at < Date.UTC(2027, 0, 1); at += WEEK)
    if (offsetAt(timeZone, at) !== offsetAt(timeZone, at + WEEK)) found.push(changeIn(timeZone, at, at + WEEK));
  return found;
}

describe('around every change of clocks buckets tile time', () => {
  test.each(zones)('in %s, from whatever hour', (timeZone) => {
    const faults: string[] = [];
    for (const change of changesOf(timeZone))
      for (let hour = 0; hour < 24; hour += 1)
        for (const tf of ['1h', '4h', '1d'] as const) {
          const origin = { timeZone, hour };
          let { start: at } = bucketOf(tf, change - 1440 * MINUTE, origin);
          while (at < change + 1440 * MINUTE) {
            const { start, end } = bucketOf(tf, at, origin);
            const within = [(start + end) / 2, end - MINUTE, change - MINUTE, change].filter(
              (ts) => ts >= at && ts < end,
            );
            const agree = within.every(
              (ts) => bucketOf(tf, ts, origin).start === at && bucketOf(tf, ts, origin).end === end,
            );
            if (start !== at || !(end > at) || !agree)
              faults.push(`${tf} from ${hour}: ${[at, start, end].map((ts) => new Date(ts).toISOString()).join(' ')}`);
            at = Math.max(end, at + MINUTE);
          }
        }
    expect(faults).toEqual([]);
  });

  test.each`
    tf      | origin                                          | ts                        | start                     | end
    ${'4h'} | ${{ timeZone: 'America/New_York', hour: 18 }}   | ${'2024-03-10T03:00:00Z'} | ${'2024-03-10T03:00:00Z'} | ${'2024-03-10T07:00:00Z'}
    ${'1d'} | ${{ timeZone: 'America/Santiago', hour: 0 }}    | ${'2024-09-08T12:00:00Z'} | ${'2024-09-08T04:00:00Z'} | ${'2024-09-09T03:00:00Z'}
    ${'1h'} | ${{ timeZone: 'Australia/Lord_Howe', hour: 0 }} | ${'2024-10-05T15:40:00Z'} | ${'2024-10-05T15:30:00Z'} | ${'2024-10-05T16:00:00Z'}
    ${'1h'} | ${{ timeZone: 'Australia/Lord_Howe', hour: 0 }} | ${'2024-04-06T15:10:00Z'} | ${'2024-04-06T15:00:00Z'} | ${'2024-04-06T15:30:00Z'}
    ${'1d'} | ${{ timeZone: 'Pacific/Apia', hour: 0 }}        | ${'2011-12-30T12:00:00Z'} | ${'2011-12-30T10:00:00Z'} | ${'2011-12-31T10:00:00Z'}
  `('$tf of $origin.timeZone from $origin.hour: $ts is in $start to $end', ({ tf, origin, ts, start, end }) => {
    expect(bucketOf(tf as Timeframe, Date.parse(ts), origin)).toEqual({
      start: Date.parse(start),
      end: Date.parse(end),
    });
  });
});
