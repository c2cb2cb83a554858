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
  what                                                            | hash | ms            | nth  | was
  ${'the second of two'}                                          | ${1} | ${AT + 900}   | ${2} | ${'yes'}
  ${'a third of two'}                                             | ${1} | ${AT + 900}   | ${3} | ${'perhaps'}
  ${'one that clocks alone may make later than the last of them'} | ${1} | ${AT + 3_000} | ${1} | ${'perhaps'}
  ${'one that is later for certain'}                              | ${1} | ${AT + 6_100} | ${1} | ${'no'}
  ${'another payload'}                                            | ${3} | ${AT}         | ${1} | ${'no'}
`('$what was set aside: $was', ({ hash, ms, nth, was }) => {
  expect(refused.had('DAX', hash, ms, nth)).toBe(was);
});
