import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { bollinger } from './bollinger.ts';
import { readings } from './detector.ts';
import { ema } from './ema.ts';
import { macd } from './macd.ts';
import { sma } from './sma.ts';

const closing = (closes: readonly number[]) => chart(closes.map((close) => [close, close, close, close]));

test('a simple average is the mean of the last closes, and null before there are as many', () => {
  expect(readings(sma({ period: 3 }), closing([1, 2, 6, 4]))).toEqual([null, null, 3, 4]);
});

test('an exponential average starts with the mean of its first closes and then goes 2 / (period + 1) of the way', () => {
  expect(readings(ema({ period: 3 }), closing([1, 2, 6, 4, 4]))).toEqual([null, null, 3, 3.5, 3.75]);
});

test('averages of equal closes are that close, exactly', () => {
  const closes = closing(Array(30).fill(1.1));
  expect(readings(sma({ period: 20 }), closes).at(-1)).toBe(1.1);
  expect(readings(bollinger(), closes).at(-1)).toEqual({
    upper: 1.1,
    middle: 1.1,
    lower: 1.1,
    bandwidth: 0,
    percent_b: null,
  });
});

test('both averages of MACD have their seed on the same bar', () => {
  // Closes 1, 1, 4, 8: the seeds are (4 + 8) / 2 and (1 + 1 + 4 + 8) / 4.
  expect(readings(macd({ fast: 2, slow: 4, signal: 1 }), closing([1, 1, 4, 8]))).toEqual([
    null,
    null,
    null,
    { macd: 2.5, signal: 2.5, histogram: 0 },
  ]);
});

test('the signal of MACD begins with the mean of its first lines, and nothing is read before', () => {
  // After the seeds 6 and 3.5 a close of 6 leaves the fast average at 6 and brings the slow one to 4.5.
  expect(readings(macd({ fast: 2, slow: 4, signal: 2 }), closing([1, 1, 4, 8, 6])).slice(3)).toEqual([
    null,
    { macd: 1.5, signal: 2, histogram: -0.5 },
  ]);
});

test('Bollinger bands stand two deviations of the population from the mean', () => {
  // Mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32 over 8: deviation 2.
  const closes = closing([2, 4, 4, 4, 5, 5, 7, 9]);
  expect(readings(bollinger({ period: 8 }), closes).at(-1)).toEqual({
    upper: 9,
    middle: 5,
    lower: 1,
    bandwidth: 1.6,
    percent_b: 1,
  });
  expect(readings(bollinger({ period: 8, width: 1 }), closes).at(-1)).toMatchObject({ upper: 7, percent_b: 1.5 });
});
