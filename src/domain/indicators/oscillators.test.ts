import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { adx } from './adx.ts';
import { atr } from './atr.ts';
import { readings } from './detector.ts';
import { rsi } from './rsi.ts';
import { stochastic } from './stochastic.ts';

const closing = (closes: readonly number[]) => chart(closes.map((close) => [close, close, close, close]));

test.each`
  closes            | means                         | value
  ${[1, 2, 3]}      | ${'only rises'}               | ${100}
  ${[3, 2, 1]}      | ${'only falls'}               | ${0}
  ${[1, 1, 1]}      | ${'nothing moved'}            | ${null}
  ${[1, 4, 3]}      | ${'a rise of 3, a fall of 1'} | ${75}
  ${[1, 4, 3, 3]}   | ${'both averages halved'}     | ${75}
  ${[1, 4, 3, 4.5]} | ${'gain 1.5, loss 0.25'}      | ${100 * (1.5 / 1.75)}
  ${[1, 4]}         | ${'one change of two'}        | ${null}
`('an RSI of 2 reads $value after $closes: $means', ({ closes, value }) => {
  expect(readings(rsi({ period: 2 }), closing(closes)).at(-1)).toBe(value);
});

test('the true range reaches back to the close before, whichever side the gap is on', () => {
  const bars = chart([
    [10, 11, 9, 10],
    [14, 15, 13, 14], // gap up: 15 − 10
    [9, 10, 8, 9], // gap down: 14 − 8
    [9, 11, 8, 10], // no gap: 11 − 8
  ]);
  expect(readings(atr({ period: 1 }), bars)).toEqual([null, 5, 6, 3]);
  expect(readings(atr({ period: 2 }), bars)).toEqual([null, null, 5.5, (5.5 + 3) / 2]);
});

test('directional movement counts the larger move only, and neither when they are equal', () => {
  const inside = chart([
    [10, 12, 8, 10],
    [10, 13, 5, 10], // down 3 beats up 1
    [10, 15, 3, 10], // up 2, down 2: neither
  ]);
  // Ranges: 8, then 8 − 8 / 2 + 12 = 16. Down moves: 3, then 3 − 3 / 2.
  expect(readings(adx({ period: 2 }), inside).at(-1)).toEqual({ adx: null, plus_di: 0, minus_di: 100 * (1.5 / 16) });
});

test('the ADX of a market that never moves is 0, and of one that only rises 100', () => {
  const still = chart(Array(40).fill([5, 5, 5, 5]));
  expect(readings(adx(), still).at(-1)).toEqual({ adx: 0, plus_di: 0, minus_di: 0 });
  const rising = chart(Array.from({ length: 40 }, (_, i) => [i, i + 1, i - 1, i]));
  expect(readings(adx(), rising).at(-1)).toMatchObject({ adx: 100, minus_di: 0 });
});

test('the directional indicators come after `period` bars and the ADX after 2 × period − 1', () => {
  const rising = chart(Array.from({ length: 8 }, (_, i) => [i, i + 1, i - 1, i]));
  const found = readings(adx({ period: 3 }), rising);
  expect(found.findIndex((each) => each.plus_di !== null)).toBe(3);
  expect(found.findIndex((each) => each.minus_di !== null)).toBe(3);
  expect(found.findIndex((each) => each.adx !== null)).toBe(5);
});

test('the stochastic says where in the range of the last bars the close lies', () => {
  const bars = chart([
    [10, 20, 10, 15],
    [15, 18, 12, 17.5], // 75 % of 10 to 20
    [17, 22, 12, 22], // the highest of 12 to 22
    [20, 20, 12, 12], // the lowest of 12 to 22
  ]);
  const quick = stochastic({ period: 2, slowing: 1, signal: 1 });
  expect(readings(quick, bars)).toEqual([
    null,
    { k: 75, d: 75 },
    { k: expect.closeTo(100, 9), d: expect.closeTo(100, 9) },
    { k: 0, d: 0 },
  ]);
  const slow = stochastic({ period: 2, slowing: 2, signal: 2 });
  expect(readings(slow, bars).at(-1)).toEqual({ k: expect.closeTo(50, 9), d: expect.closeTo((87.5 + 50) / 2, 9) });
});

test('without any range the stochastic is 0', () => {
  expect(readings(stochastic(), closing(Array(20).fill(1.1))).at(-1)).toEqual({ k: 0, d: 0 });
});
