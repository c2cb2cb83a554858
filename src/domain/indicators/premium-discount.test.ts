import { expect, test } from 'vitest';
import { pricePath } from '../../../test/support/price-path.ts';
import { readings } from './detector.ts';
import { type PremiumDiscountOptions, premiumDiscount } from './premium-discount.ts';

const last = (path: string, options: PremiumDiscountOptions = {}) =>
  readings(premiumDiscount({ strength: 1, ...options }), pricePath(path)).at(-1)!;

/** A swing low at 10, then a swing high at 14 that the next bar confirms. */
const up = '12 11 10 11 12 13 14';
const down = '12 13 14 13 12 11 10';

test.each`
  chart                                          | path                    | range       | position  | zone             | leg       | inside
  ${'a close in the upper half'}                 | ${`${up} 13`}           | ${[10, 14]} | ${0.75}   | ${'premium'}     | ${'up'}   | ${false}
  ${'a close in the middle'}                     | ${`${up} 12`}           | ${[10, 14]} | ${0.5}    | ${'equilibrium'} | ${'up'}   | ${false}
  ${'a close a little above the middle'}         | ${`${up} 12.09`}        | ${[10, 14]} | ${0.5225} | ${'equilibrium'} | ${'up'}   | ${false}
  ${'a close above the equilibrium zone'}        | ${`${up} 12.11`}        | ${[10, 14]} | ${0.5275} | ${'premium'}     | ${'up'}   | ${false}
  ${'a close below the equilibrium zone'}        | ${`${up} 11.89`}        | ${[10, 14]} | ${0.4725} | ${'discount'}    | ${'up'}   | ${false}
  ${'a retracement of 62 %'}                     | ${`${up} 11.5`}         | ${[10, 14]} | ${0.375}  | ${'discount'}    | ${'up'}   | ${true}
  ${'a retracement of less'}                     | ${`${up} 11.54`}        | ${[10, 14]} | ${0.385}  | ${'discount'}    | ${'up'}   | ${false}
  ${'a retracement of more than 79 %'}           | ${`${up} 10.8`}         | ${[10, 14]} | ${0.2}    | ${'discount'}    | ${'up'}   | ${false}
  ${'a fall, half retraced'}                     | ${`${down} 12`}         | ${[10, 14]} | ${0.5}    | ${'equilibrium'} | ${'down'} | ${false}
  ${'a fall, retraced by 75 %'}                  | ${`${down} 13`}         | ${[10, 14]} | ${0.75}   | ${'premium'}     | ${'down'} | ${true}
  ${'a close above the swing high: it trails'}   | ${`${up} 13 15`}        | ${[10, 15]} | ${1}      | ${'premium'}     | ${'up'}   | ${false}
  ${'a wick above the swing high'}               | ${`${up} 13 12.5^15`}   | ${[10, 15]} | ${0.5}    | ${'equilibrium'} | ${'up'}   | ${false}
  ${'a close below the swing low turns the leg'} | ${`${up} 13 9`}         | ${[9, 14]}  | ${0}      | ${'discount'}    | ${'down'} | ${false}
  ${'a bar beyond both: the high is the newer'}  | ${`${down} 12 12^15_9`} | ${[9, 15]}  | ${0.5}    | ${'equilibrium'} | ${'up'}   | ${false}
  ${'a newer swing low narrows the range'}       | ${`${up} 13 12 13`}     | ${[12, 14]} | ${0.5}    | ${'equilibrium'} | ${'down'} | ${false}
  ${'a newer swing high narrows the range'}      | ${`${down} 11 12 11`}   | ${[10, 12]} | ${0.5}    | ${'equilibrium'} | ${'up'}   | ${false}
`('$chart: $zone at $position of $range, leg $leg', ({ path, range: [low, high], position, zone, leg, inside }) => {
  const read = last(path);
  expect(read).toMatchObject({ low, high, equilibrium: (low + high) / 2, zone });
  expect(read.position).toBeCloseTo(position, 12);
  expect(read.optimal_trade_entry).toMatchObject({ direction: leg, inside });
});

test.each`
  chart                  | path
  ${'a swing high only'} | ${'10 11 12 11'}
  ${'a swing low only'}  | ${'12 11 10 11'}
  ${'a straight line'}   | ${'10 11 12 13 14'}
  ${'a flat market'}     | ${'10 10 10 10 10'}
`('$chart gives no range', ({ path }) => {
  expect(last(path)).toBeNull();
});

test.each`
  leg       | path            | top      | bottom
  ${'up'}   | ${`${up} 13`}   | ${11.52} | ${10.84}
  ${'down'} | ${`${down} 11`} | ${13.16} | ${12.48}
`('the optimal trade entry of a leg $leg over 10 to 14 is $bottom to $top', ({ path, top, bottom }) => {
  const { optimal_trade_entry: entry } = last(path)!;
  expect(entry.top).toBeCloseTo(top, 12);
  expect(entry.bottom).toBeCloseTo(bottom, 12);
});

test('the extremes are told by their bars, and the equilibrium zone can be set', () => {
  const bars = pricePath(`${up} 12.5`);
  const read = readings(premiumDiscount({ strength: 1, equilibrium: 0.3 }), bars).at(-1);
  expect(read).toMatchObject({ high_start: bars[6]!.start, low_start: bars[2]!.start, zone: 'equilibrium' });
});
