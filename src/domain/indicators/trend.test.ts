import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { readings } from './detector.ts';
import { trend } from './trend.ts';

/** Closes with a range of 2 around each. */
const closing = (closes: readonly number[]) => chart(closes.map((close) => [close, close + 1, close - 1, close]));
const course = (bars: number, close: (i: number) => number) =>
  closing(Array.from({ length: bars }, (_, i) => close(i)));

test.each`
  market                                       | close                                                | direction
  ${'a steady rise'}                           | ${(i: number) => 1000 + i}                           | ${'up'}
  ${'a steady fall'}                           | ${(i: number) => 1000 - i}                           | ${'down'}
  ${'a swing to and fro'}                      | ${(i: number) => 1000 + (i % 2)}                     | ${'sideways'}
  ${'a long rise and a fall just begun'}       | ${(i: number) => 1000 + (i < 270 ? i : 540 - i)}     | ${'sideways'}
  ${'a long fall and a steep rise just begun'} | ${(i: number) => 1000 - (i < 270 ? i : 810 - 2 * i)} | ${'sideways'}
`('$market is $direction', ({ close, direction }) => {
  expect(readings(trend(), course(300, close)).at(-1)).toMatchObject({ direction });
});

test('is null until the slowest average has its seed', () => {
  expect(
    readings(
      trend(),
      course(210, (i) => 1000 + i),
    ).findIndex((each) => each !== null),
  ).toBe(199);
});

test('the strength is the ADX, and below the limit a stack of averages is no trend', () => {
  const bars = course(300, (i) => 1000 + i);
  const strength = readings(trend(), bars).at(-1)!.strength;
  expect(strength).toBeCloseTo(100, 6);
  const falling = course(300, (i) => 1000 - i);
  for (const each of [bars, falling])
    expect(readings(trend({ from: 101 }), each).at(-1)).toMatchObject({ direction: 'sideways' });
});
