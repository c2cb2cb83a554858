import { describe, expect, test } from 'vitest';
import { pricePath } from '../../../test/support/price-path.ts';
import { readings } from './detector.ts';
import { type LiquidityEvent, type LiquidityOptions, liquidity } from './liquidity.ts';
import type { LiquidityPool } from './liquidity-pools.ts';

const read = (path: string, options: LiquidityOptions = {}, from?: number) =>
  readings(liquidity({ strength: 1, ...options }), pricePath(path, from));

/** `buy 12 x2` is a buy-side pool of two equal highs, an asterisk marks the extreme of a session. */
const named = ({ side, price, touches, session }: LiquidityPool | LiquidityEvent) =>
  `${side} ${price} x${touches}${session ? '*' : ''}`;

const pools = (path: string, options?: LiquidityOptions, from?: number) =>
  read(path, options, from).at(-1)!.pools.map(named);

const course = (path: string, options?: LiquidityOptions, from?: number) =>
  read(path, options, from).flatMap(({ sweeps, taken }, at) => [
    ...sweeps.map((pool) => `${at}: swept ${named(pool)}`),
    ...taken.map((pool) => `${at}: taken ${named(pool)}`),
  ]);

/** A swing high at 12, confirmed by bar 3; the mean true range there is 0.75. */
const peak = '10 11 12 11 10.5';
const twin = `${peak} 11 12.05 11 10.5`;

describe('pools', () => {
  test.each`
    chart                                      | path                              | pools
    ${'a swing high'}                          | ${peak}                           | ${['buy 12 x1']}
    ${'a swing low'}                           | ${'10 9 8 9'}                     | ${['sell 8 x1']}
    ${'two highs, the second a little higher'} | ${'10 11 12 11 10.5 11 12.05 11'} | ${['buy 12 x2', 'sell 10.5 x1']}
    ${'two highs, the second a little lower'}  | ${'10 11 12 11 10.5 11 11.95 11'} | ${['buy 12 x2', 'sell 10.5 x1']}
    ${'three equal highs, two equal lows'}     | ${`${twin} 11 12 11`}             | ${['buy 12 x3', 'sell 10.5 x2']}
    ${'a second high that is clearly lower'}   | ${'10 11 12 11 10.5 11 11.8 11'}  | ${['buy 12 x1', 'sell 10.5 x1', 'buy 11.8 x1']}
    ${'a high that is not confirmed yet'}      | ${'10 11 12'}                     | ${[]}
    ${'a straight line'}                       | ${'10 11 12 13 14'}               | ${[]}
  `('$chart: $pools', ({ path, pools: expected }) => {
    expect(pools(path)).toEqual(expected);
  });

  test('the tolerance is a share of the mean true range, and can be told', () => {
    const path = '10 11 12 11 10.5 11 11.8 11';
    expect(pools(path, { tolerance: 0.3 })).toEqual(['buy 12 x2', 'sell 10.5 x1']);
    expect(pools(path, { tolerance: 0 })).toEqual(pools(path));
    expect(read(peak, { tolerance: 0.2 }).at(-1)!.pools[0]!.limit).toBeCloseTo(12 + 0.2 * 0.75, 12);
  });

  test('a low is never equal to a high', () => {
    expect(pools('12 11.9^12.3 11.8 11.9 12', { tolerance: 5 })).toEqual(['buy 12.3 x1', 'sell 11.8 x1']);
  });

  test.each`
    kept                                              | path                                                        | pools
    ${'the newer single swings'}                      | ${'20 21 22 21 20 21 21.5 20 19 20 20.5 19 18'}             | ${['buy 21.5 x1', 'buy 20.5 x1']}
    ${'equal highs, rather than newer single swings'} | ${'20 21 22 21 20 21 22 20 19 20 20.5 19 18 19 19.5 18 17'} | ${['buy 22 x2', 'buy 19.5 x1']}
  `('of more than are kept: $kept', ({ path, pools: expected }) => {
    expect(pools(path, { keep: 2 }).filter((pool) => pool.startsWith('buy'))).toEqual(expected);
  });
});

describe('sweeps', () => {
  test.each`
    chart                                             | path                              | course
    ${'a wick above a swing high'}                    | ${`${peak} 11^13`}                | ${['5: swept buy 12 x1']}
    ${'a wick above equal highs'}                     | ${`${twin} 11^13`}                | ${['9: swept buy 12 x2']}
    ${'a wick below a swing low'}                     | ${'10 9 8 9 9.5 9_7'}             | ${['5: swept sell 8 x1']}
    ${'a wick below equal lows'}                      | ${`${twin} 11 11.5 11_10`}        | ${['11: swept sell 10.5 x2']}
    ${'one bar with wicks beyond both sides'}         | ${`${peak} 11 11.2^13_10`}        | ${['6: swept buy 12 x1', '6: swept sell 10.5 x1']}
    ${'a wick above two pools, a close between them'} | ${`${peak} 11 11.5 10.8 11.8^13`} | ${['8: swept buy 12 x1', '8: taken buy 11.5 x1']}
    ${'a close above a swing high'}                   | ${`${peak} 11 12.5`}              | ${['6: taken buy 12 x1']}
    ${'a close below a swing low'}                    | ${'10 9 8 9 9.5 7.5'}             | ${['5: taken sell 8 x1']}
    ${'a close above, back within a bar later'}       | ${`${peak} 11 12.5 11.5`}         | ${['6: taken buy 12 x1']}
    ${'a wick within the tolerance'}                  | ${`${peak} 11^12.07`}             | ${[]}
    ${'a wick below a low within the tolerance'}      | ${'10 9 8 9 9.5 9_7.93'}          | ${[]}
    ${'a wick to the high itself'}                    | ${`${peak} 11^12`}                | ${[]}
    ${'a second wick where a pool was swept'}         | ${`${peak} 11^13 11 11.5^12.9`}   | ${['5: swept buy 12 x1']}
    ${'a wick above a high not yet confirmed'}        | ${'10 11 12 11.5^13'}             | ${[]}
    ${'prices that stay between the pools'}           | ${`${twin} 11 11.5 11`}           | ${[]}
  `('$chart: $course', ({ path, course: expected }) => {
    expect(course(path)).toEqual(expected);
  });

  test('a sweep tells its bar and the bar of the pool', () => {
    const path = `${peak} 11^13`;
    const bars = pricePath(path);
    expect(read(path).at(-1)!.sweeps).toEqual([
      { side: 'buy', price: 12, touches: 1, session: false, start: bars[5]!.start, pool_start: bars[2]!.start },
    ]);
  });
});

describe('extremes of sessions', () => {
  const midnight = Date.UTC(2024, 0, 9) - 4 * 60_000;
  const fxEnd = Date.UTC(2024, 0, 8, 22) - 4 * 60_000;
  const fxWeekend = Date.UTC(2024, 0, 5, 22) - 4 * 60_000;
  test.each`
    chart                                                | path                            | strength | calendar  | from         | pools                                            | course
    ${'before the end of the day'}                       | ${'10 12 11 9.5'}               | ${3}     | ${'24x7'} | ${midnight}  | ${[]}                                            | ${[]}
    ${'the first bar of the next day'}                   | ${'10 12 11 9.5 10'}            | ${3}     | ${'24x7'} | ${midnight}  | ${['buy 12 x1*', 'sell 9.5 x1*']}                | ${[]}
    ${'a first bar that sweeps the high of the day'}     | ${'10 12 11 9.5 10^13'}         | ${3}     | ${'24x7'} | ${midnight}  | ${['sell 9.5 x1*']}                              | ${['4: swept buy 12 x1*']}
    ${'a bar that takes the low of the day'}             | ${'10 12 11 9.5 10 9'}          | ${3}     | ${'24x7'} | ${midnight}  | ${['buy 12 x1*']}                                | ${['5: taken sell 9.5 x1*']}
    ${'a swing that is the high of the day'}             | ${'10 12 11 10.5 11'}           | ${1}     | ${'24x7'} | ${midnight}  | ${['buy 12 x1*', 'sell 10 x1*', 'sell 10.5 x1']} | ${[]}
    ${'a high of the day confirmed as a swing the next'} | ${'10 10.5 11 12 11'}           | ${1}     | ${'24x7'} | ${midnight}  | ${['buy 12 x1*', 'sell 10 x1*']}                 | ${[]}
    ${'17:00 in New York'}                               | ${'10 12 11 9.5 10'}            | ${3}     | ${'fx'}   | ${fxEnd}     | ${['buy 12 x1*', 'sell 9.5 x1*']}                | ${[]}
    ${'17:00 in New York, where days end at midnight'}   | ${'10 12 11 9.5 10'}            | ${3}     | ${'24x7'} | ${fxEnd}     | ${[]}                                            | ${[]}
    ${'bars of a weekend belong to no session'}          | ${'10 12 11 9.5 10 15 10 5 10'} | ${9}     | ${'fx'}   | ${fxWeekend} | ${[]}                                            | ${['5: taken buy 12 x1*', '7: taken sell 9.5 x1*']}
  `('$chart: $pools', ({ path, strength, calendar, from, pools: expected, course: events }) => {
    expect(pools(path, { strength, calendar }, from)).toEqual(expected);
    expect(course(path, { strength, calendar }, from)).toEqual(events);
  });

  test('the extreme of a session is kept rather than newer single swings', () => {
    const after = pools('10 22 11 10 11 12 11 10 11 11.5 11 10', { tolerance: 0, keep: 2 }, midnight);
    expect(after.filter((pool) => pool.startsWith('buy'))).toEqual(['buy 22 x1*', 'buy 11.5 x1']);
  });
});
