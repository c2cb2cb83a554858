import { expect, test } from 'vitest';
import { bucketOf } from './bucket.ts';
import type { Timeframe } from './timeframe.ts';

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
