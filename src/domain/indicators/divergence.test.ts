import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { legs, upsideDown } from '../../../test/support/chart-legs.ts';
import { type Detector, readings } from './detector.ts';
import { type DivergenceOptions, divergence } from './divergence.ts';

/** Momentum as the volume column has it, null where that is negative, so that a chart can say both. */
const drawn: Detector<number, number | null> = {
  start: () => 0,
  next: (_, { volume }) => volume,
  read: (volume) => (volume < 0 ? null : volume),
};

/** Two lows with `apart` bars from one to the other, at the bars 4 and 4 + apart. */
function lows([first, second]: number[], [momentum = 0, later = 0]: number[], apart = 10): number[][] {
  const rows = legs(110, [
    { to: first!, bars: 5, volume: 50 },
    { to: 120, bars: Math.floor(apart / 2), volume: 50 },
    { to: second!, bars: Math.ceil(apart / 2), volume: 50 },
    { to: 115, bars: 5, volume: 50 },
  ]);
  rows[4]![4] = momentum;
  rows[4 + apart]![4] = later;
  return rows;
}

type Options = Partial<DivergenceOptions<number>>;
const found = (rows: number[][], options: Options = {}) =>
  readings(divergence({ momentum: drawn, ...options }), chart(rows)).flatMap(({ event }, at) =>
    event === null ? [] : [`${event.kind} ${event.direction} at ${at}`],
  );

const cases: [name: string, rows: number[][], reads: string[], options?: Options][] = [
  ['a lower low on higher momentum', lows([100, 99], [30, 35]), ['regular bullish at 17']],
  ['a higher low on lower momentum', lows([100, 101], [35, 30]), ['hidden bullish at 17']],
  ['a lower low on lower momentum', lows([100, 99], [35, 30]), []],
  ['a higher low on higher momentum', lows([100, 101], [30, 35]), []],
  ['an equal low on higher momentum', lows([100, 100], [30, 35]), []],
  ['an equal low on lower momentum', lows([100, 100], [35, 30]), []],
  ['momentum that differs by the least that counts', lows([100, 99], [30, 31]), ['regular bullish at 17']],
  ['momentum that differs by less', lows([100, 99], [30, 30.99]), []],
  ['momentum that differs by less than asked', lows([100, 99], [30, 35]), [], { minMomentum: 6 }],
  ['a hidden one that differs by less', lows([100, 101], [30.99, 30]), []],
  ['lows 60 bars apart', lows([100, 99], [30, 35], 60), ['regular bullish at 67']],
  ['lows 61 bars apart', lows([100, 99], [30, 35], 61), []],
  ['lows further apart than asked', lows([100, 99], [30, 35]), [], { within: 9 }],
  ['lows confirmed by fewer bars', lows([100, 99], [30, 35]), ['regular bullish at 16'], { strength: 2 }],
  ['a low from before momentum', lows([100, 99], [-1, 35]), []],
  ['a low without momentum', lows([100, 99], [30, -1]), []],
  ['a second low that is not confirmed', lows([100, 99], [30, 35]).slice(0, 17), []],
];

test.each(cases)('%s', (_, rows, reads, options) => {
  expect(found(rows, options)).toEqual(reads);
});

test.each(cases)('between highs, upside down: %s', (_, rows, reads, options) => {
  const mirrored = upsideDown(rows, 100).map((row) => [...row.slice(0, 4), row[4]! < 0 ? row[4]! : 100 - row[4]!]);
  expect(found(mirrored, options)).toEqual(reads.map((text) => text.replace('bullish', 'bearish')));
});

test('momentum is taken at the bar of the swing, not where it is confirmed', () => {
  const rows = lows([100, 99], [30, 35]);
  for (const at of [3, 5, 6, 7, 13, 15, 16, 17]) rows[at]![4] = at < 10 ? 90 : 10;
  const bars = chart(rows);
  expect(readings(divergence({ momentum: drawn }), bars)[17]!.event).toEqual({
    kind: 'regular',
    direction: 'bullish',
    from: { start: bars[4]!.start, price: 100, momentum: 30 },
    to: { start: bars[14]!.start, price: 99, momentum: 35 },
  });
});

test('only the bar that confirms it has the event; the newest stays', () => {
  const all = readings(divergence({ momentum: drawn }), chart(lows([100, 99], [30, 35])));
  expect(all.map(({ event, last }) => [event !== null, last !== null]).slice(16)).toEqual(
    [
      [false, false],
      [true, true],
      [false, true],
      [false, true],
    ].slice(0, all.length - 16),
  );
});

test('of two on an outside bar the regular one is read', () => {
  // At bar 4 and 12 bars of both extremes: a higher high and a higher low, on less momentum: regular bearish and hidden bullish.
  const rows = Array.from({ length: 16 }, () => [100, 101, 99, 100, 50]);
  rows[4] = [100, 110, 90, 100, 60];
  rows[12] = [100, 111, 91, 100, 40];
  expect(found(rows)).toEqual(['regular bearish at 15']);
  rows[12] = [100, 109, 89, 100, 40];
  expect(found(rows)).toEqual([]);
  // A lower high and a lower low on more momentum: hidden bearish and regular bullish.
  rows[12] = [100, 109, 89, 100, 70];
  expect(found(rows)).toEqual(['regular bullish at 15']);
});
