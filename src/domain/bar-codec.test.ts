import { expect, test } from 'vitest';
import { type Bar, bar } from './bar.ts';
import { encodeBar, parseBar } from './bar-codec.ts';

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

test('so it does with its time on the close', () => {
  expect(JSON.parse(encodeBar(valid, 'close'))).toMatchObject({ ts: 1398938460 });
  expect(parseBar(encodeBar(valid, 'close'))).toEqual(valid);
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
