import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { readings } from './detector.ts';
import { volatilityRegime } from './volatility-regime.ts';

/** Bars that close at 100 with these ranges. With an ATR of one bar, each range is a reading in percent. */
const ranging = (ranges: readonly number[]) => chart(ranges.map((range) => [100, 100 + range, 100, 100]));

/** History 1 to 100 percent, then `ranges`; the history holds the 100 newest values, one per bar. */
const after = (ranges: readonly number[]) => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  const detector = volatilityRegime({ period: 1, every: 1, samples: 100, atLeast: 100 });
  return readings(detector, ranging([1, ...hundred, ...ranges])).slice(101);
};

test.each`
  range   | percentile | regime
  ${0.5}  | ${0}       | ${'low'}
  ${20}   | ${19.5}    | ${'low'}
  ${20.5} | ${20}      | ${'normal'}
  ${80}   | ${79.5}    | ${'normal'}
  ${80.5} | ${80}      | ${'high'}
  ${95}   | ${94.5}    | ${'high'}
  ${95.5} | ${95}      | ${'extreme'}
  ${200}  | ${100}     | ${'extreme'}
`('a range of $range % at percentile $percentile is $regime', ({ range, percentile, regime }) => {
  expect(after([range])).toEqual([{ regime, percentile, atr_percent: range }]);
});

// Each range takes the place of the oldest value, so that percentiles move by little; given here as read.
test.each`
  course                                              | ranges                | regimes
  ${'up at once'}                                     | ${[50, 96.5]}         | ${['normal', 'extreme']}
  ${'extreme holds down to 90, then high'}            | ${[99.5, 91.5, 89.5]} | ${['extreme', 'extreme', 'high']}
  ${'high holds down to 75, then normal'}             | ${[85.5, 76.5, 74.5]} | ${['high', 'high', 'normal']}
  ${'normal holds down to 15, then low'}              | ${[50, 16.5, 10.5]}   | ${['normal', 'normal', 'low']}
  ${'low ends at 20'}                                 | ${[5.5, 19.5, 25.5]}  | ${['low', 'low', 'normal']}
  ${'from extreme to low in one bar'}                 | ${[99.5, 1.5]}        | ${['extreme', 'low']}
  ${'from extreme into the margin of normal: normal'} | ${[99.5, 18.5]}       | ${['extreme', 'normal']}
`('$course', ({ ranges, regimes }) => {
  expect(after(ranges).map((each) => each?.regime)).toEqual(regimes);
});

test('takes every 8th value into a history of 60, and reads from 20 on', () => {
  const detector = volatilityRegime();
  const bars = ranging(Array.from({ length: 700 }, (_, i) => 1 + (i % 9)));
  // The first ATR stands on bar 14; the 20th sample is taken on bar 14 + 19 × 8, and ranks the bar after it.
  expect(readings(detector, bars).findIndex((each) => each !== null)).toBe(14 + 19 * 8 + 1);
  let state = detector.start();
  for (const bar of bars) state = detector.next(state, bar);
  expect(state.history).toHaveLength(60);
});

test('forgets what is older than its history', () => {
  const detector = volatilityRegime({ period: 1, every: 1, samples: 5, atLeast: 5 });
  // Beside the wild bars of before, 2 would be low; among the five calm ones it is the highest.
  expect(readings(detector, ranging([0, 9, 9, 9, 9, 9, 1, 1, 1, 1, 1, 2])).at(-1)).toMatchObject({ percentile: 100 });
});

test('a close of 0 leaves the reading as it was', () => {
  const detector = volatilityRegime({ period: 1, every: 1, samples: 3, atLeast: 1 });
  const [, , before, at] = readings(detector, [
    ...ranging([1, 2, 3]),
    ...chart([[0, 0, 0, 0]], Date.UTC(2024, 0, 8, 10)),
  ]);
  expect(before).not.toBeNull();
  expect(at).toEqual(before);
});

test('a market below 0 has the regime of its mirror image', () => {
  const detector = volatilityRegime({ period: 1, every: 1, samples: 5, atLeast: 5 });
  const above = ranging([0, 9, 9, 1, 1, 1, 2]);
  const below = above.map((bar) => ({ ...bar, open: -bar.open, high: -bar.low, low: -bar.high, close: -bar.close }));
  expect(readings(detector, below)).toEqual(readings(detector, above));
});
