import { expect, test } from 'vitest';
import { Ring, RollingSum } from './ring.ts';

const summed = (numbers: readonly number[], capacity = 3): RollingSum => {
  const sum = new RollingSum(capacity);
  for (const each of numbers) sum.push(each);
  return sum;
};

test.each`
  numbers                     | sum
  ${[]}                       | ${0}
  ${[1, 2]}                   | ${3}
  ${[1, 2, 3, 4]}             | ${9}
  ${[-1, 1, -1, 1, -1]}       | ${-1}
  ${[1e17, 0.5, 0.25, 0.125]} | ${0.875}
`('the last three of $numbers make $sum', ({ numbers, sum }) => {
  expect(summed(numbers).sum).toBe(sum);
});

test('rounding does not pile up', () => {
  const numbers = Array.from({ length: 3 * 10_000 }, (_, i) => 1_000 * Math.sin(i));
  expect(summed(numbers).sum).toBe(summed(numbers.slice(-3)).sum);
});

test('minus zero, which JSON does not know, is kept as zero', () => {
  const ring = new Ring(2);
  ring.push(-0);
  expect(Object.is(ring.values[0], 0)).toBe(true);
});
