import { expect, test } from 'vitest';
import { chart } from '../../../../test/support/chart.ts';
import { legs } from '../../../../test/support/chart-legs.ts';
import { readings } from '../detector.ts';
import { zigzag } from './zigzag.ts';

const line = (rows: number[][]) =>
  readings(zigzag(2), chart(rows))
    .at(-1)!
    .map(({ kind, price }) => `${kind} ${price}`);

const through = (...turns: number[]) =>
  legs(
    100,
    turns.map((to) => ({ to, bars: 4 })),
  );

test('highs and lows come in turn, the newest four', () => {
  expect(line(through(110, 95, 120, 90, 130, 80))).toEqual(['low 95', 'high 120', 'low 90', 'high 130']);
});

// A swing high at the bar of its own, with no swing low between: the lows of the bars around are all equal.
const flat = (...highs: number[]) => highs.map((high) => [90, high, 90, 90]);

test.each`
  highs                                     | stands
  ${[91, 92, 100, 92, 91, 92, 105, 92, 91]} | ${['high 105']}
  ${[91, 92, 105, 92, 91, 92, 100, 92, 91]} | ${['high 105']}
  ${[91, 92, 105, 92, 91, 92, 105, 92, 91]} | ${['high 105']}
`('of highs in a row $highs the highest stands', ({ highs, stands }) => {
  expect(line(flat(...highs))).toEqual(stands);
});

test.each`
  lows                                    | stands
  ${[95, 94, 80, 94, 95, 94, 75, 94, 95]} | ${['low 75']}
  ${[95, 94, 75, 94, 95, 94, 80, 94, 95]} | ${['low 75']}
`('of lows in a row $lows the lowest stands', ({ lows, stands }) => {
  expect(line(lows.map((low: number) => [96, 96, low, 96]))).toEqual(stands);
});

test('of equal highs in a row the first stands', () => {
  const bars = chart(flat(91, 92, 105, 92, 91, 92, 105, 92, 91));
  expect(readings(zigzag(2), bars).at(-1)![0]!.index).toBe(2);
});

test.each`
  last      | before                  | becomes
  ${'low'}  | ${[[95, 90], [98, 90]]} | ${['low 85', 'high 110']}
  ${'high'} | ${[[96, 90], [96, 92]]} | ${['high 110', 'low 85']}
`('an outside bar after a $last extends that first', ({ last, becomes }) => {
  const quiet = [93, 94, 92, 93];
  const first = last === 'low' ? [93, 94, 88, 93] : [93, 98, 92, 93];
  const rows = [quiet, quiet, first, quiet, quiet, quiet, [93, 110, 85, 93], quiet, quiet];
  expect(line(rows)).toEqual(becomes);
});
