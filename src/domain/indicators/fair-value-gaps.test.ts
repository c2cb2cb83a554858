import { describe, expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { readings } from './detector.ts';
import { fairValueGaps } from './fair-value-gaps.ts';

/** Bars of [high, low], open at the low and closed at the high. */
const bars = (rows: readonly (readonly [number, number])[]) => chart(rows.map(([high, low]) => [low, high, low, high]));

/** The course of gaps, as `2: bullish 10-12` made by bar 2, `3: 0.5` filled so far, `4: 10-12 filled`. */
const course = (rows: readonly (readonly [number, number])[], options = {}) =>
  readings(fairValueGaps({ minSize: 0, ...options }), bars(rows)).flatMap(({ open, created, filled }, at, all) => {
    const told = [];
    if (created) told.push(`${at}: ${created.direction} ${created.bottom}-${created.top}`);
    const before = all[at - 1]?.open ?? [];
    for (const gap of open) {
      const was = before.find(({ start }) => start === gap.start);
      if (was && was.filled !== gap.filled) told.push(`${at}: ${gap.filled}`);
    }
    for (const gap of filled) told.push(`${at}: ${gap.bottom}-${gap.top} filled`);
    return told;
  });

const up = [
  [10, 9],
  [13, 10],
  [15, 12],
] as const;
const down = [
  [15, 14],
  [14, 11],
  [12, 10],
] as const;

describe('a gap', () => {
  test.each`
    chart                                                  | rows                                                 | course
    ${'a low above the high two bars before'}              | ${up}                                                | ${['2: bullish 10-12']}
    ${'a high below the low two bars before'}              | ${down}                                              | ${['2: bearish 12-14']}
    ${'wicks that meet'}                                   | ${[[10, 9], [13, 10], [15, 10]]}                     | ${[]}
    ${'wicks that overlap'}                                | ${[[10, 9], [13, 10], [15, 9.5]]}                    | ${[]}
    ${'two bars apart, without a third'}                   | ${[[10, 9], [13, 12]]}                               | ${[]}
    ${'a pull-back that ends above it'}                    | ${[...up, [14, 12.5]]}                               | ${['2: bullish 10-12']}
    ${'a pull-back to its edge'}                           | ${[...up, [14, 12]]}                                 | ${['2: bullish 10-12']}
    ${'a pull-back half into it'}                          | ${[...up, [14, 11]]}                                 | ${['2: bullish 10-12', '3: 0.5']}
    ${'a deeper one after a shallower one'}                | ${[...up, [14, 11.5], [14, 10.5]]}                   | ${['2: bullish 10-12', '3: 0.25', '4: 0.75']}
    ${'a shallower one after a deeper one'}                | ${[...up, [14, 11], [14, 11.5]]}                     | ${['2: bullish 10-12', '3: 0.5']}
    ${'a pull-back to its far side, after half'}           | ${[...up, [14, 11], [13, 10]]}                       | ${['2: bullish 10-12', '3: 0.5', '4: 10-12 filled']}
    ${'a bar that falls through it'}                       | ${[...up, [14, 8]]}                                  | ${['2: bullish 10-12', '3: 10-12 filled']}
    ${'a rally half into a bearish one'}                   | ${[...down, [13, 10]]}                               | ${['2: bearish 12-14', '3: 0.5']}
    ${'a rally through a bearish one'}                     | ${[...down, [13, 11], [16, 12]]}                     | ${['2: bearish 12-14', '3: 0.5', '4: 12-14 filled']}
    ${'a fall that leaves a bearish one further off'}      | ${[...down, [11, 9]]}                                | ${['2: bearish 12-14']}
    ${'a rally to the far side of a bearish one'}          | ${[...down, [14, 11]]}                               | ${['2: bearish 12-14', '3: 12-14 filled']}
    ${'one filled, another touched less deep than before'} | ${[...up, [14, 11], [17, 13], [19, 16], [18, 11.5]]} | ${['2: bullish 10-12', '3: 0.5', '5: bullish 14-16', '6: 14-16 filled']}
    ${'a rise that gaps at each bar'}                      | ${[...up, [18, 14]]}                                 | ${['2: bullish 10-12', '3: bullish 13-14']}
  `('$chart: $course', ({ rows, course: expected }) => {
    expect(course(rows)).toEqual(expected);
  });

  test.each`
    minSize | gaps
    ${0}    | ${1}
    ${0.9}  | ${1}
    ${1}    | ${1}
    ${1.1}  | ${0}
  `(
    'of 2 where the mean true range before is 2 counts $gaps times at $minSize ranges, either way',
    ({ minSize, gaps }) => {
      // Ranges of 1 and 3 before the third bar.
      const [, , third] = readings(
        fairValueGaps({ minSize }),
        bars([
          [10, 9],
          [12.5, 9.5],
          [15, 12],
        ]),
      );
      expect(third?.open).toHaveLength(gaps);
      const [, , mirrored] = readings(
        fairValueGaps({ minSize }),
        bars([
          [15, 14],
          [15, 12],
          [12, 9],
        ]),
      );
      expect(mirrored?.open).toHaveLength(gaps);
    },
  );

  test('stands at the start of its middle bar', () => {
    const made = bars(up);
    expect(readings(fairValueGaps(), made).at(-1)?.created?.start).toBe(made[1]!.start);
  });

  test('is not called filled one step of a double before its far side, though the share rounds to 1', () => {
    const rows = [
      [0.1, 0],
      [3e8, 0.1],
      [1e9, 3e8],
    ] as const;
    const [, , , near] = readings(fairValueGaps(), bars([...rows, [1e9, 0.1 + 2 ** -56]]));
    expect(near?.open.map(({ filled }) => filled < 1)).toEqual([true]);
    const [, , , far] = readings(fairValueGaps(), bars([...rows, [1e9, 0.1]]));
    expect(far).toMatchObject({ open: [], filled: [{ filled: 1 }] });
  });

  test('is forgotten, not filled, when younger ones need its place', () => {
    const rows = Array.from({ length: 40 }, (_, i) => [i * 2 + 1, i * 2] as const);
    const all = readings(fairValueGaps({ keep: 5 }), bars(rows));
    expect(all.at(-1)?.open).toHaveLength(5);
    expect(all.at(-1)?.open[4]).toEqual(all.at(-1)?.created);
    expect(all.every(({ filled }) => filled.length === 0)).toBe(true);
  });
});
