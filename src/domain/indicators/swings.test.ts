import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { readings } from './detector.ts';
import { swings } from './swings.ts';

const found = (highs: readonly number[], strength = 2) =>
  readings(swings(strength), chart(highs.map((high) => [high - 1, high, high - 2, high - 1]))).flatMap((each, at) =>
    each.map(({ kind, index }) => `${kind} ${index} at ${at}`),
  );

test.each`
  highs                    | swings
  ${[1, 2, 3, 2, 1]}       | ${['high 2 at 4']}
  ${[3, 2, 1, 2, 3]}       | ${['low 2 at 4']}
  ${[1, 2, 3, 3, 2, 1]}    | ${['high 2 at 4']}
  ${[1, 2, 3, 2, 3, 2, 1]} | ${['high 2 at 4']}
  ${[1, 2, 3, 4, 5]}       | ${[]}
  ${[1, 2, 3, 2]}          | ${[]}
  ${[1, 2, 4, 2, 1, 3, 5]} | ${['high 2 at 4', 'low 4 at 6']}
  ${[2, 2, 2, 2, 2]}       | ${[]}
`('highs $highs confirm $swings', ({ highs, swings: expected }) => {
  expect(found(highs)).toEqual(expected);
});
