import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedWindow } from './sorted-window.ts';

const filled = (numbers: readonly number[], capacity = 5): SortedWindow => {
  const window = new SortedWindow(capacity);
  for (const each of numbers) window.push(each);
  return window;
};

test.each`
  numbers                  | median | mad    | meanDeviation
  ${[3]}                   | ${3}   | ${0}   | ${0}
  ${[1, 2]}                | ${1.5} | ${0.5} | ${0.5}
  ${[5, 1, 4, 2, 3]}       | ${3}   | ${1}   | ${1.2}
  ${[0, 0, 0, 0, 9]}       | ${0}   | ${0}   | ${1.8}
  ${[9, 9, 9, 1, 2, 3, 4]} | ${3}   | ${1}   | ${2}
  ${[-4, 8, 1, 1]}         | ${1}   | ${2.5} | ${3}
`('of the last five of $numbers median $median, MAD $mad, mean deviation $meanDeviation', (row) => {
  const window = filled(row.numbers);
  expect(window.median()).toBe(row.median);
  expect(window.mad()).toBe(row.mad);
  expect(window.meanDeviation()).toBe(row.meanDeviation);
});

test.each`
  numbers               | value | share
  ${[7]}                | ${7}  | ${0.5}
  ${[1, 2, 3, 4, 5]}    | ${1}  | ${1}
  ${[1, 2, 3, 4, 5]}    | ${5}  | ${0}
  ${[1, 2, 3, 4, 5]}    | ${4}  | ${0.25}
  ${[2, 2, 2, 2, 2]}    | ${2}  | ${0.5}
  ${[1, 2, 2, 3, 3]}    | ${2}  | ${0.625}
  ${[9, 1, 2, 3, 4, 5]} | ${4}  | ${0.25}
`('$share of the others in $numbers are above $value', ({ numbers, value, share }) => {
  expect(filled(numbers).shareAbove(value)).toBe(share);
});

const middle = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};

test('agrees with sorting the newest numbers each time', () => {
  const numbers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 12 }), (all, capacity) => {
      const window = new SortedWindow(capacity);
      all.forEach((each, i) => {
        window.push(each);
        const newest = all.slice(Math.max(0, i + 1 - capacity), i + 1);
        const median = middle(newest);
        expect(window.median()).toBe(median);
        expect(window.mad()).toBe(middle(newest.map((value) => Math.abs(value - median))));
      });
    }),
  );
});
