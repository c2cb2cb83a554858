import { expect, test } from 'vitest';
import { shiftOf, speedOf } from './replay-options.ts';

const NOW = Date.UTC(2025, 0, 15);

test.each`
  text     | speed
  ${'max'} | ${'max'}
  ${'1'}   | ${1}
  ${'60'}  | ${60}
  ${'2.5'} | ${2.5}
`('speed $text is $speed', ({ text, speed }) => {
  expect(speedOf(text)).toBe(speed);
});

test.each(['', '0', '0.5', '-1', 'fast', '1e3', '9999999', 'MAX'])('speed %j is refused', (text) => {
  expect(() => speedOf(text)).toThrowError(expect.objectContaining({ code: 'feed.speed' }));
});

test.each`
  text                          | shift
  ${'none'}                     | ${null}
  ${'now'}                      | ${{ firstAt: NOW }}
  ${'2h'}                       | ${{ by: 7_200_000 }}
  ${'-7d'}                      | ${{ by: -604_800_000 }}
  ${'1.5s'}                     | ${{ by: 1_500 }}
  ${'2025-01-15'}               | ${{ firstAt: NOW }}
  ${'2025-01-15T00:00'}         | ${{ firstAt: NOW }}
  ${'2025-01-15T00:00:00.250Z'} | ${{ firstAt: NOW + 250 }}
  ${'2025-01-15T02:00+02:00'}   | ${{ firstAt: NOW }}
`('shift $text is $shift', ({ text, shift }) => {
  expect(shiftOf(text, NOW)).toEqual(shift);
});

test.each(['', 'later', '2', '2w', '2025-13-01', '15.01.2025', '--2h'])('shift %j is refused', (text) => {
  expect(() => shiftOf(text, NOW)).toThrowError(expect.objectContaining({ code: 'feed.shift' }));
});
