import { expect, test } from 'vitest';
import { nextOf } from './system.ts';

test.each`
  ms       | now        | next     | why
  ${1_000} | ${300}     | ${1_000} | ${'the next multiple'}
  ${1_000} | ${700}     | ${2_000} | ${'not within half of it'}
  ${1_000} | ${1_999.7} | ${3_000} | ${'a timer that fired a little early does not fire again'}
  ${1_000} | ${2_000.4} | ${3_000} | ${'nor one that was a little late'}
  ${250}   | ${2_010}   | ${2_250} | ${'so that what happens more often falls together with it'}
`('every $ms ms, at $now: at $next ($why)', ({ ms, now, next }) => {
  expect(nextOf(ms, now)).toBe(next);
});
