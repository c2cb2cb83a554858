import { expect, test } from 'vitest';
import { bar } from '../bar/bar.ts';
import { barFields, encodeBar } from '../bar/bar-codec.ts';
import { sideBar } from './parity-bar.ts';
import { parseOlderBars, parseStreamBar, parseTopicBar } from './side-bars.ts';

const start = Date.UTC(2014, 4, 1, 10);
const whole = bar({
  symbol: 'EURUSD',
  tf: '1m',
  start,
  open: 1.38728,
  high: 1.387295,
  low: 1.3872499999999999,
  close: 1.3872550000000001,
  volume: '0.30000000000000004',
  n: 19,
  rev: 1,
  digest: '00ff00ff00ff00ff',
  partial: true,
});
const entry = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, Buffer.from(text)]));

test.each(['open', 'close'] as const)('a bar written to a stream with its time on the %s reads back whole', (on) => {
  expect(
    parseStreamBar(
      'EURUSD',
      entry(barFields(whole, { timestampOn: on, timeZoneOrigin: { timeZone: 'UTC', hour: 0 } })),
    ),
  ).toEqual(sideBar(whole));
});

const plain = { ts: '1398938400', open: '1.3872', high: '1.3873', low: '1.3871', close: '1.3872', volume: '12.50' };

test('of an older pipeline only the six fields are known', () => {
  expect(parseStreamBar('EURUSD', entry(plain))).toMatchObject({ start, n: null, digest: null, rev: 0, place: null });
});

test.each`
  what                           | change
  ${'a low above the open'}      | ${{ low: '1.39' }}
  ${'no time'}                   | ${{ ts: '' }}
  ${'a time inside a minute'}    | ${{ ts: '1398938401' }}
  ${'a price that is no number'} | ${{ close: 'n/a' }}
  ${'an endless price'}          | ${{ high: 'Infinity' }}
  ${'a negative volume'}         | ${{ volume: '-1' }}
  ${'a volume that is text'}     | ${{ volume: 'much' }}
  ${'half a tick'}               | ${{ n: '1.5' }}
  ${'another digest'}            | ${{ digest: 'xyz' }}
`('a bar with $what is refused', ({ change }) => {
  expect(() => parseStreamBar('EURUSD', entry({ ...plain, ...change }))).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^bar\./) }),
  );
});

const KEY = 'bars:EURUSD:1m';

test.each`
  form                            | json
  ${'objects with short names'}   | ${'[{"ts":1398938400,"o":1.1,"h":1.3,"l":1,"c":1.2,"v":0.30000000000000000004}]'}
  ${'objects with long names'}    | ${'[{"ts":1398938400000,"open":1.1,"high":1.3,"low":1,"close":1.2,"volume":0.30000000000000000004}]'}
  ${'lists'}                      | ${'[[1398938400,1.1,1.3,1,1.2,0.30000000000000000004]]'}
  ${'lists with numbers as text'} | ${'[["1398938400","1.1","1.3","1","1.2","0.30000000000000000004"]]'}
`('the older form is read as $form, every digit of a volume kept', ({ json }) => {
  const { bars, unreadable } = parseOlderBars('EURUSD', json, KEY);
  expect(unreadable).toEqual([]);
  expect(bars).toEqual([
    {
      start,
      open: 1.1,
      high: 1.3,
      low: 1,
      close: 1.2,
      volume: '0.30000000000000000004',
      n: null,
      rev: 0,
      digest: null,
      partial: false,
      place: null,
    },
  ]);
});

test.each(['{"o":1}', 'not JSON', '"text"', 'null'])('%s is no list of bars', (json) => {
  expect(parseOlderBars('EURUSD', json, KEY)).toMatchObject({
    bars: [],
    unreadable: [{ place: KEY, code: 'parity.bars.unreadable' }],
  });
});

test.each(['[null]', '[1]', '[[]]', '[{"ts":1398938400}]'])('%s holds what is no bar', (json) => {
  expect(parseOlderBars('EURUSD', json, KEY)).toMatchObject({
    bars: [],
    unreadable: [{ place: `${KEY}[0]`, code: 'bar.field' }],
  });
});

test('one that is no bar does not cost the others', () => {
  const json = '[[1398938400,1.1,1.3,1,1.2,1],[1398938460,1.1,1.3,1.2,1.2,1],[1398938520,1.1,1.3,1,1.2,1]]';
  const { bars, unreadable } = parseOlderBars('EURUSD', json, KEY);
  expect(bars.map((b) => b.start - start)).toEqual([0, 120_000]);
  expect(unreadable).toMatchObject([{ place: `${KEY}[1]`, code: 'bar.range' }]);
});

test.each`
  what                      | field       | value
  ${'of another symbol'}    | ${'symbol'} | ${'GBPUSD'}
  ${'of another timeframe'} | ${'tf'}     | ${'5m'}
  ${'without a time'}       | ${'ts'}     | ${null}
  ${'at the time "true"'}   | ${'ts'}     | ${true}
  ${'of 1970'}              | ${'ts'}     | ${0}
  ${'of the year 2100'}     | ${'ts'}     | ${4_102_444_800}
`('a record on bars.EURUSD.1m $what is no bar of it', ({ field, value }) => {
  const wire = { ...JSON.parse(encodeBar(whole)), [field]: value };
  expect(() => parseTopicBar('EURUSD', Buffer.from(JSON.stringify(wire)))).toThrow(
    expect.objectContaining({ code: 'bar.field', message: expect.stringContaining(`the bar's ${field} is`) }),
  );
});

test('a record of the topic reads back whole', () => {
  expect(parseTopicBar('EURUSD', Buffer.from(encodeBar(whole)))).toEqual(sideBar(whole));
});
