import { describe, expect, test } from 'vitest';
import { pricePath } from '../../../test/support/price-path.ts';
import { readings } from './detector.ts';
import { type OrderBlockOptions, orderBlocks } from './order-blocks.ts';

/** The course of blocks, as `6: bullish 11-11.5 (4) by bos`, the candle's bar in brackets, then `7: mitigated 11-11.5`. */
const course = (path: string, options: OrderBlockOptions = {}) => {
  const bars = pricePath(path);
  const at = new Map(bars.map(({ start }, i) => [start, i]));
  return readings(orderBlocks({ strength: 1, displacement: 0, ...options }), bars).flatMap(
    ({ created, mitigated, invalidated }, i) => [
      ...mitigated.map(({ bottom, top }) => `${i}: mitigated ${bottom}-${top}`),
      ...invalidated.map(({ bottom, top }) => `${i}: invalidated ${bottom}-${top}`),
      ...(created === null
        ? []
        : [
            `${i}: ${created.direction} ${created.bottom}-${created.top} (${at.get(created.start)}) by ${created.break}`,
          ]),
    ],
  );
};

/** Swing high at 12, two down candles to 11, and the move up that closes above 12. */
const rally = '10 11 12 11.5 11 12 13';
const bullish = '6: bullish 11-11.5 (4) by bos';
const slide = '12 11 10 10.5 11 10 9';
const bearish = '6: bearish 10.5-11 (4) by bos';

describe('a block is made', () => {
  test.each`
    chart                                                  | path                                       | course
    ${'the last down candle before a move up that breaks'} | ${rally}                                   | ${[bullish]}
    ${'the last up candle before a move down that breaks'} | ${slide}                                   | ${[bearish]}
    ${'a small down candle within the move'}               | ${'10 11 12 11.5 11 11.8 11.6^11.95 12.5'} | ${['7: bullish 11-11.5 (4) by bos']}
    ${'a small up candle within the move down'}            | ${'12 11 10 10.5 11 10.2 10.4_10.05 9.5'}  | ${['7: bearish 10.5-11 (4) by bos']}
    ${'a breaking bar that first made the lowest low'}     | ${'10 11 12 11.5 11 11.3 11.2 12.5_10.5'}  | ${['7: bullish 11.2-11.3 (6) by bos']}
    ${'a block with wicks'}                                | ${'10 11 12 11.5 11^11.7_10.8 12 13'}      | ${['6: bullish 10.8-11.7 (4) by bos']}
    ${'a candle that closed where it opened'}              | ${'10 11 12 11.5 11 11 12 13'}             | ${['7: bullish 11-11.5 (4) by bos']}
    ${'two lows that are equal: the last one counts'}      | ${'10 11 12 11 11.5 11 11.6 12.5'}         | ${['7: bullish 11-11.5 (5) by bos']}
    ${'a choch'}                                           | ${`${rally} 14 13.5 13 13.5 10.5`}         | ${[bullish, '11: invalidated 11-11.5', '11: bearish 13-13.5 (10) by choch']}
    ${'a move whose wick alone is beyond the swing'}       | ${'10 11 12 11.5 11 11.8^13'}              | ${[]}
    ${'a move without a down candle since the swing'}      | ${'10 11 11.2^12 11.4 11.6 12.5'}          | ${[]}
    ${'the down candle of the swing itself'}               | ${'10 11 10.8^12 11 11.5 12.5'}            | ${[]}
    ${'a rise without a swing'}                            | ${'10 9.5 10 11 12 13'}                    | ${[]}
    ${'a market that falls and breaks nothing'}            | ${'10 9 8 7 6'}                            | ${[]}
  `('$chart: $course', ({ path, course: expected }) => {
    expect(course(path)).toEqual(expected);
  });

  test.each`
    displacement | blocks
    ${0}         | ${[bullish]}
    ${2.6}       | ${[bullish]}
    ${2.7}       | ${[]}
  `('a move of 2 where the mean true range is 0.75, at a least displacement of $displacement: $blocks', (row) => {
    // Ranges before the breaking bar: 0, 1.5, 1, 0.5, 0.5, 1.
    expect(course(rally.replace('10 11', '9.5 11'), row)).toEqual(row.blocks);
  });

  test('once, although the swing that its move broke next had stood before it', () => {
    // The wick to 14 is confirmed as a swing only after the close above 12; the candle to 10 starts both moves.
    const path = '9 10 11 12 11 10.5 10.2 11^14 10 12.5 13 14.5';
    expect(course(path, { strength: 3 })).toEqual(['9: bullish 10-11 (8) by bos']);
    expect(readings(orderBlocks({ displacement: 0 }), pricePath(path)).at(-1)!.blocks).toHaveLength(1);
  });

  test('its break and its candle are told by their bars', () => {
    const bars = pricePath(rally);
    expect(readings(orderBlocks({ strength: 1 }), bars).at(-1)?.created).toEqual({
      direction: 'bullish',
      top: 11.5,
      bottom: 11,
      start: bars[4]!.start,
      break: 'bos',
      break_start: bars[6]!.start,
      status: 'fresh',
    });
  });
});

describe('a block is met', () => {
  test.each`
    chart                                    | path                          | course                                                                  | status
    ${'a rise that goes on'}                 | ${`${rally} 13.5`}            | ${[bullish]}                                                            | ${['fresh']}
    ${'a low just above it'}                 | ${`${rally} 12_11.6`}         | ${[bullish]}                                                            | ${['fresh']}
    ${'a low on its top'}                    | ${`${rally} 12_11.5`}         | ${[bullish, '7: mitigated 11-11.5']}                                    | ${['mitigated']}
    ${'a wick through it that closes above'} | ${`${rally} 12_10.5`}         | ${[bullish, '7: mitigated 11-11.5']}                                    | ${['mitigated']}
    ${'a close on its bottom'}               | ${`${rally} 11`}              | ${[bullish, '7: mitigated 11-11.5']}                                    | ${['mitigated']}
    ${'a second touch'}                      | ${`${rally} 12_11.4 12_11.3`} | ${[bullish, '7: mitigated 11-11.5']}                                    | ${['mitigated']}
    ${'a close below it after a touch'}      | ${`${rally} 12_11.4 12 10.9`} | ${[bullish, '7: mitigated 11-11.5', '9: invalidated 11-11.5']}          | ${[]}
    ${'a close below it at once'}            | ${`${rally} 10.9`}            | ${[bullish, '7: invalidated 11-11.5', '7: bearish 12-13 (6) by choch']} | ${['fresh']}
    ${'a bearish one: a high just below it'} | ${`${slide} 10^10.4`}         | ${[bearish]}                                                            | ${['fresh']}
    ${'a bearish one: a high on its bottom'} | ${`${slide} 10^10.5`}         | ${[bearish, '7: mitigated 10.5-11']}                                    | ${['mitigated']}
    ${'a bearish one: a wick through it'}    | ${`${slide} 10^11.5`}         | ${[bearish, '7: mitigated 10.5-11']}                                    | ${['mitigated']}
    ${'a bearish one: a close above it'}     | ${`${slide} 11.1`}            | ${[bearish, '7: invalidated 10.5-11', '7: bullish 9-10 (6) by choch']}  | ${['fresh']}
  `('$chart: $course', ({ path, course: expected, status }) => {
    expect(course(path)).toEqual(expected);
    const last = readings(orderBlocks({ strength: 1, displacement: 0 }), pricePath(path)).at(-1)!;
    expect(last.blocks.map((block) => block.status)).toEqual(status);
  });

  test('of more than are kept, the oldest is forgotten', () => {
    const stairs = Array.from(
      { length: 8 },
      (_, i) => `${i * 2 + 11} ${i * 2 + 12} ${i * 2 + 11.5} ${i * 2 + 11}`,
    ).join(' ');
    const all = readings(orderBlocks({ strength: 1, displacement: 0, keep: 3 }), pricePath(`${stairs} 28`));
    expect(all.filter(({ created }) => created !== null).length).toBeGreaterThan(3);
    expect(all.at(-1)!.blocks).toHaveLength(3);
    expect(all.at(-1)!.blocks.at(-1)).toEqual(all.at(-1)!.created);
  });
});
