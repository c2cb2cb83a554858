import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { type MeanRangeState, meanRange } from './mean-range.ts';

// Bars of [high, low, close].
test.each`
  chart                                        | bars                                                       | period | mean
  ${'one bar: its range'}                      | ${[[12, 10, 11]]}                                          | ${3}   | ${2}
  ${'fewer than the period: the plain mean'}   | ${[[12, 10, 11], [12, 11, 12]]}                            | ${3}   | ${1.5}
  ${'as many as the period: still the mean'}   | ${[[12, 10, 11], [12, 11, 12], [14, 11, 12]]}              | ${3}   | ${2}
  ${'a bar more: two parts before, one of it'} | ${[[2, 0, 1], [2, 0, 1], [2, 0, 1], [5, 0, 1]]}            | ${3}   | ${3}
  ${'two more: as Wilder smooths'}             | ${[[2, 0, 1], [2, 0, 1], [2, 0, 1], [5, 0, 1], [3, 0, 1]]} | ${3}   | ${3}
  ${'a gap up counts from the close before'}   | ${[[12, 10, 11], [16, 15, 15]]}                            | ${3}   | ${3.5}
  ${'a gap down likewise'}                     | ${[[12, 10, 11], [8, 7, 8]]}                               | ${3}   | ${3}
  ${'a flat market'}                           | ${[[5, 5, 5], [5, 5, 5]]}                                  | ${3}   | ${0}
`('$chart', (row) => {
  const rows: number[][] = row.bars;
  let state: MeanRangeState | null = null;
  for (const bar of chart(rows.map(([high = 0, low = 0, close = 0]) => [close, high, low, close])))
    state = meanRange(state, bar, row.period);
  expect(state?.mean).toBe(row.mean);
});
