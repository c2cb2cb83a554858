import { expect, test } from 'vitest';
import { KyleLambda } from './kyle-lambda.ts';

const slope = (pairs: readonly (readonly [number, number])[], window = 4): number => {
  const kyle = new KyleLambda(window);
  for (const [flow, move] of pairs) kyle.move(flow, move);
  return kyle.value;
};

test.each`
  pairs                                          | lambda        | about
  ${[[1, 2], [2, 4], [3, 6]]}                    | ${Number.NaN} | ${'the window is not full'}
  ${[[1, 2], [2, 4], [3, 6], [-1, -2]]}          | ${2}          | ${'a line through 0'}
  ${[[1, 7], [2, 9], [3, 11], [-1, 3]]}          | ${2}          | ${'a line with intercept 5'}
  ${[[1, -1], [-1, 1], [2, -2], [-2, 2]]}        | ${-1}         | ${'prices fall when bought'}
  ${[[1, 1], [1, 3], [-1, -3], [-1, -1]]}        | ${2}          | ${'scattered'}
  ${[[1, 0], [-1, 0], [1, 0], [-1, 0]]}          | ${0}          | ${'no price moved'}
  ${[[0.1, 1], [0.1, 2], [0.1, 3], [0.1, 4]]}    | ${Number.NaN} | ${'the flow does not vary'}
  ${[[9, -9], [1, 2], [2, 4], [3, 6], [-1, -2]]} | ${2}          | ${'the first pair has left'}
`('the slope of $pairs is $lambda: $about', ({ pairs, lambda }) => {
  expect(slope(pairs)).toBe(lambda);
});

test('at fresh quotes a trade is paired with the change of the mid until the next trade', () => {
  const kyle = new KyleLambda(3);
  for (const [flow, mid] of [
    [1, 100],
    [-2, 101],
    [3, 99],
    [5, 102],
  ] as const)
    kyle.respond(flow, mid);
  expect(kyle.snapshot().flows.values).toEqual([1, -2, 3]);
  expect(kyle.snapshot().moves.values).toEqual([1, -2, 3]);
  expect(kyle.value).toBe(1);
});

test('a trade without a quote between two with one breaks their pair', () => {
  const kyle = new KyleLambda(3);
  kyle.respond(1, 100);
  kyle.move(2, 0.5);
  kyle.respond(3, 103);
  expect(kyle.snapshot().flows.values).toEqual([2]);
});

test('a giant trade that has left the window does not blur it', () => {
  const tail = [
    [1, 2],
    [2, 4],
    [3, 6],
    [-1, -2],
  ] as const;
  expect(slope([[1e12, 1], ...tail])).toBe(slope(tail));
});

test('rounding does not pile up', () => {
  const pairs = Array.from({ length: 4 * 10_000 }, (_, i) => [1_000 * Math.sin(i), Math.cos(3 * i)] as const);
  expect(slope(pairs)).toBe(slope(pairs.slice(-4)));
});

test.each([
  0.1, 0.3, 0.7, 1.1, 12.34,
])('no slope where all flows are %d, whatever rounding leaves of their variance', (flow) => {
  for (let window = 2; window <= 40; window += 1)
    expect(
      slope(
        Array.from({ length: window }, (_, i) => [flow, i] as const),
        window,
      ),
    ).toBeNaN();
});
