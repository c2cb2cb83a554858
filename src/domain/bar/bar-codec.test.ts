import { expect, test } from 'vitest';
import { type Bar, bar } from './bar.ts';
import { barFields, encodeBar, parseBar } from './bar-codec.ts';

const valid: Bar = {
  symbol: 'EURUSD',
  tf: '1m',
  start: Date.UTC(2014, 4, 1, 10),
  open: 1.38728,
  high: 1.387295,
  low: 1.3872499999999999,
  close: 1.3872550000000001,
  volume: '0.30000000000000004',
  n: 19,
  rev: 0,
  digest: '00ff00ff00ff00ff',
  partial: false,
  source: { partition: 0, from: 3, to: 21 },
};

test('a bar survives the wire, all digits of its volume included', () => {
  expect(parseBar(encodeBar(valid))).toEqual(valid);
  expect(encodeBar(valid)).toContain('"v":0.30000000000000004');
  expect(JSON.parse(encodeBar(valid))).toMatchObject({ symbol: 'EURUSD', tf: '1m', ts: 1398938400, o: 1.38728, n: 19 });
});

const utc = { timeZone: 'UTC', hour: 0 };
const newYork = { timeZone: 'America/New_York', hour: 17 };
const berlin = { timeZone: 'Europe/Berlin', hour: 0 };

/** Days of 23, 24 and 25 hours, and their four-hour bars. */
test.each`
  tf      | timeZoneOrigin | start                     | end
  ${'1m'} | ${newYork}     | ${'2014-05-01T10:00:00Z'} | ${'2014-05-01T10:01:00Z'}
  ${'1d'} | ${utc}         | ${'2014-03-09T00:00:00Z'} | ${'2014-03-10T00:00:00Z'}
  ${'1d'} | ${newYork}     | ${'2014-03-08T22:00:00Z'} | ${'2014-03-09T21:00:00Z'}
  ${'1d'} | ${newYork}     | ${'2014-11-01T21:00:00Z'} | ${'2014-11-02T22:00:00Z'}
  ${'4h'} | ${newYork}     | ${'2014-03-09T06:00:00Z'} | ${'2014-03-09T09:00:00Z'}
  ${'1d'} | ${berlin}      | ${'2014-03-29T23:00:00Z'} | ${'2014-03-30T22:00:00Z'}
  ${'1d'} | ${berlin}      | ${'2014-10-25T22:00:00Z'} | ${'2014-10-26T23:00:00Z'}
  ${'4h'} | ${berlin}      | ${'2014-10-25T22:00:00Z'} | ${'2014-10-26T03:00:00Z'}
`(
  'a bar of $tf from $start that is stamped on its close carries its end, $end, and survives the wire',
  ({ tf, timeZoneOrigin, start, end }) => {
    const stamping = { timestampOn: 'close', timeZoneOrigin } as const;
    const at = bar({ ...valid, tf, start: Date.parse(start) });
    expect(JSON.parse(encodeBar(at, stamping)).ts).toBe(Date.parse(end) / 1000);
    expect(barFields(at, stamping).ts).toBe(String(Date.parse(end) / 1000));
    expect(parseBar(encodeBar(at, stamping))).toEqual(at);
  },
);

test('a close-stamped bar that does not tell its start yet is as long as bars of its kind are', () => {
  const { start: _, ...before } = JSON.parse(encodeBar(valid, { timestampOn: 'close', timeZoneOrigin: utc }));
  expect(parseBar(JSON.stringify(before)).start).toBe(valid.start);
});

const wire = (changes: Record<string, unknown>): string =>
  JSON.stringify({ ...JSON.parse(encodeBar(valid)), ...changes });

test.each`
  what                         | text                                        | code
  ${'no JSON'}                 | ${'{"o":'}                                  | ${'bar.not-json'}
  ${'an array'}                | ${'null'}                                   | ${'bar.not-json'}
  ${'no symbol'}               | ${wire({ symbol: undefined })}              | ${'bar.field'}
  ${'an unknown timeframe'}    | ${wire({ tf: '2m' })}                       | ${'bar.field'}
  ${'a start within a minute'} | ${wire({ ts: 1398938401 })}                 | ${'bar.field'}
  ${'a text for open'}         | ${wire({ o: '1.3' })}                       | ${'bar.field'}
  ${'no volume'}               | ${wire({ v: undefined })}                   | ${'bar.field'}
  ${'a negative volume'}       | ${wire({ v: -1 })}                          | ${'bar.field'}
  ${'half a tick'}             | ${wire({ n: 0.5 })}                         | ${'bar.field'}
  ${'a short digest'}          | ${wire({ digest: 'ff' })}                   | ${'bar.field'}
  ${'a negative revision'}     | ${wire({ rev: -1 })}                        | ${'bar.field'}
  ${'an open above the high'}  | ${wire({ o: 1.5 })}                         | ${'bar.range'}
  ${'a close below the low'}   | ${wire({ c: 1.1 })}                         | ${'bar.range'}
  ${'a high below the low'}    | ${wire({ h: 1.3, l: 1.4, o: 1.3, c: 1.3 })} | ${'bar.range'}
`('a bar with $what is refused as $code', ({ text, code }) => {
  expect(() => parseBar(text)).toThrow(
    expect.objectContaining({ code, message: expect.not.stringContaining('undefined is not') }),
  );
});

test('the constructor refuses what no set of ticks could give', () => {
  expect(() => bar({ ...valid, high: Number.NaN })).toThrow(expect.objectContaining({ code: 'bar.field' }));
  expect(() => bar({ ...valid, low: 2 })).toThrow(expect.objectContaining({ code: 'bar.range' }));
});
