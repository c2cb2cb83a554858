import fc from 'fast-check';
import { expect, test } from 'vitest';
import { incompleteBeta, lowerBound } from './parity-bound.ts';

// The figures of Clopper and Pearson's tables (one-sided 95 %, the lower end of the two-sided 90 % interval).
test.each`
  agreeing | expected | bound
  ${0}     | ${10}    | ${0}
  ${1}     | ${10}    | ${0.0051}
  ${5}     | ${10}    | ${0.2224}
  ${8}     | ${10}    | ${0.4931}
  ${9}     | ${10}    | ${0.6058}
  ${10}    | ${10}    | ${0.7411}
  ${18}    | ${20}    | ${0.7174}
  ${20}    | ${20}    | ${0.8609}
  ${59}    | ${59}    | ${0.9505}
  ${1440}  | ${1440}  | ${0.9979}
`('$agreeing of $expected: at least $bound', ({ agreeing, expected, bound }) => {
  expect(lowerBound(agreeing, expected)).toBeCloseTo(bound, 4);
});

/** P(X ≥ k) of a binomial variable, summed term by term from the largest. */
function tail(k: number, n: number, p: number): number {
  let term = p ** n;
  let sum = term;
  for (let i = n; i > k; i -= 1) {
    term *= (i / (n - i + 1)) * ((1 - p) / p);
    sum += term;
  }
  return sum;
}

test('at the bound, as many or more agree in exactly 5 % of cases', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 0, max: 60 }), (expected, missed) => {
      const agreeing = Math.max(1, expected - missed);
      expect(tail(agreeing, expected, lowerBound(agreeing, expected))).toBeCloseTo(0.05, 8);
    }),
  );
});

test('the bound rises with what agrees and stays below the share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (expected, share) => {
      const agreeing = Math.floor(share * (expected - 1));
      expect(lowerBound(agreeing, expected)).toBeLessThan(lowerBound(agreeing + 1, expected));
      expect(lowerBound(agreeing + 1, expected)).toBeLessThan((agreeing + 1) / expected);
    }),
  );
});

test('the incomplete beta function mirrors: I_x(a, b) + I_(1-x)(b, a) = 1', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50_000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      (a, b, x) => {
        expect(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a)).toBeCloseTo(1, 9);
      },
    ),
  );
});
