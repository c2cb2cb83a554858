import { expect, test } from 'vitest';
import { RefusedTicks } from './refused-ticks.ts';

const AT = 1_000_000;
const refused = new RefusedTicks(
  new Map([
    [
      'DAX',
      {
        hashes: [1, 1, 2],
        times: [AT, AT + 1_000, AT + 9_000],
        receivedAt: AT + 9_000,
        lastTs: null,
        taken: new Map(),
        lastBy: 'one',
      },
    ],
  ]),
);

test.each`
  what                                                            | hash | ms            | nth  | known         | was
  ${'the second of two'}                                          | ${1} | ${AT + 900}   | ${2} | ${0}          | ${'yes'}
  ${'a third of two'}                                             | ${1} | ${AT + 900}   | ${3} | ${AT + 9_000} | ${'perhaps'}
  ${'one that clocks alone may make later than the last of them'} | ${1} | ${AT + 3_000} | ${1} | ${AT + 2_999} | ${'perhaps'}
  ${'the same, where every equal one is known until then'}        | ${1} | ${AT + 3_000} | ${1} | ${AT + 3_000} | ${'yes'}
  ${'one that is later for certain'}                              | ${1} | ${AT + 6_100} | ${1} | ${AT + 9_000} | ${'no'}
  ${'another payload'}                                            | ${3} | ${AT}         | ${1} | ${AT + 9_000} | ${'no'}
`('$what was set aside: $was', ({ hash, ms, nth, known, was }) => {
  expect(refused.had('DAX', hash, ms, nth, known)).toBe(was);
});

test.each`
  from           | first
  ${AT}          | ${AT + 1_000}
  ${AT + 6_500}  | ${AT + 9_000}
  ${AT + 20_000} | ${null}
`('the first that a stream may have from $from on was received at $first', ({ from, first }) => {
  expect(refused.first(from)).toBe(first);
});
