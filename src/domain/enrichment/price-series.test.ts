import { expect, test } from 'vitest';
import { enricherDefaults } from './enricher-options.ts';
import { PriceSeries } from './price-series.ts';

/** A tape in which EURUSD moves by 0.1 pip up and down, and now and then not at all, a second apart. */
const quiet = Array.from({ length: 40 }, (_, i) => 1.1 + (i % 3 === 0 ? 0.00001 : 0));
const still = Array.from({ length: 40 }, () => 1.1);

/** The numbers of the prices found to be outliers; a price may say how many seconds it came after the last one. */
function outliers(prices: readonly (number | readonly [number, number])[], options = {}): number[] {
  const series = new PriceSeries({ ...enricherDefaults, ...options });
  let ts = 0;
  return prices.flatMap((each, i) => {
    const [price, gap] = typeof each === 'number' ? [each, 1] : each;
    ts += gap * 1_000;
    if (series.judge(price, ts)) return [i];
    series.accept(price, ts);
    return [];
  });
}

test.each`
  tape                  | then                                          | found               | about
  ${quiet}              | ${[1.1]}                                      | ${[]}               | ${'nothing happens'}
  ${quiet}              | ${[1.105, 1.1]}                               | ${[40]}             | ${'a spike of 50 pips up, and back'}
  ${quiet}              | ${[1.095, 1.1]}                               | ${[40]}             | ${'a spike of 50 pips down, and back'}
  ${quiet}              | ${[1.105, 1.1, 1.095, 1.1, 1.105]}            | ${[40, 42, 44]}     | ${'spikes close together'}
  ${quiet}              | ${[1.1001, 1.1]}                              | ${[]}               | ${'a pip is no outlier, however quiet the tape'}
  ${still}              | ${[1.105, 1.1]}                               | ${[40]}             | ${'a spike on a tape without any move'}
  ${still}              | ${[1.1, 1.1001, 1.1]}                         | ${[]}               | ${'a pip on a tape without any move'}
  ${quiet}              | ${[1.105, 1.105, 1.105, 1.105, 1.105, 1.105]} | ${[40, 41, 42, 43]} | ${'a new level counts from the fifth on'}
  ${quiet}              | ${[[1.105, 3_600]]}                           | ${[]}               | ${'an opening after an hour'}
  ${quiet}              | ${[[1.105, 3_599]]}                           | ${[40]}             | ${'a second less than an hour'}
  ${quiet.slice(0, 16)} | ${[1.105]}                                    | ${[]}               | ${'15 moves tell nothing'}
  ${quiet.slice(0, 17)} | ${[1.105]}                                    | ${[17]}             | ${'16 moves tell enough'}
`('$about', ({ tape, then, found }) => {
  expect(outliers([...tape, ...then])).toEqual(found);
});

test('moves of 1 to 3 up and down have MAD 2: beyond 6 × 1.4826 × 2 = 17.79 lies an outlier', () => {
  // Up and down again by 1, 2 and 3: the median move is 0, and so is the sum.
  const tape = Array.from({ length: 63 }, (_, i) => 1_000_000 + [0, 1, 0, 2, 0, 3][i % 6]!);
  const options = { outlierFloorBps: 0 };
  const then = tape.at(-1)!;
  expect(outliers([...tape, then + 17], options)).toEqual([]);
  expect(outliers([...tape, then + 18], options)).toEqual([63]);
});

test('where most moves are 0, and so the MAD is, the mean deviation is the scale', () => {
  // 16 of the last 63 moves are of 8: beyond 6 × 1.2533 × 128 / 63 = 15.28 lies an outlier. The smallest step is 0.01.
  const tape = Array.from({ length: 65 }, (_, i) => 1_000 + (i === 0 ? 0.01 : i % 8 < 4 ? 0 : 8));
  expect(outliers([...tape, 1_015], { outlierFloorBps: 0 })).toEqual([]);
  expect(outliers([...tape, 1_016], { outlierFloorBps: 0 })).toEqual([65]);
});

test('a coin whose smallest step is 10 bps may move by six steps', () => {
  const tape = Array.from({ length: 40 }, (_, i) => (i === 5 ? 1_001 : 1_000));
  expect(outliers([...tape, 1_006])).toEqual([]);
  expect(outliers([...tape, 1_007])).toEqual([40]);
});

test('the smallest step counts, not the first', () => {
  const tape = Array.from({ length: 40 }, (_, i) => (i === 1 ? 1_010 : i === 9 ? 1_001 : 1_000));
  expect(outliers([...tape, 1_007])).toEqual([40]);
});

test('spikes make a new level only in a row', () => {
  expect(outliers([...quiet, 1.105, 1.1, 1.105, 1.1, 1.105, 1.1, 1.105, 1.1, 1.105, 1.1])).toEqual([
    40, 42, 44, 46, 48,
  ]);
});

test('a market that has become wild is not called an outlier for ever', () => {
  const wild = Array.from({ length: 200 }, (_, i) => 1.1 + 0.002 * ((i % 5) - 2));
  expect(outliers([...quiet, ...wild]).filter((i) => i > 140)).toEqual([]);
});
