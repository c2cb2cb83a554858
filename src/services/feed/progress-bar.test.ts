import { expect, test } from 'vitest';
import { progressLine } from './progress-bar.ts';

test.each`
  share    | ticks        | elapsedMs | line
  ${0}     | ${0}         | ${0}      | ${'░░░░░░░░░░░░░░░░░░░░░░░░   0 %  0 ticks, 0/s'}
  ${0.5}   | ${1_144_807} | ${2_000}  | ${'████████████░░░░░░░░░░░░  50 %  1,144,807 ticks, 572,404/s, 2 s left'}
  ${0.25}  | ${90}        | ${90_000} | ${'██████░░░░░░░░░░░░░░░░░░  25 %  90 ticks, 1/s, 4 min 30 s left'}
  ${0.001} | ${1}         | ${60_000} | ${'░░░░░░░░░░░░░░░░░░░░░░░░   0 %  1 ticks, 0/s, 16 h 39 min left'}
  ${1}     | ${10}        | ${1_000}  | ${'████████████████████████ 100 %  10 ticks, 10/s'}
`('$share of a tape', ({ share, ticks, elapsedMs, line }) => {
  expect(progressLine({ share, ticks, elapsedMs })).toBe(line);
});
