import { expect, test } from 'vitest';
import { chart } from '../../../../test/support/chart.ts';
import { type Leg, legs, upsideDown } from '../../../../test/support/chart-legs.ts';
import { readings } from '../detector.ts';
import { candidatesOf } from './candidate.ts';
import { type HarmonicOptions, harmonic } from './harmonic.ts';

const LEG = 6;
/** Where C is confirmed, and D, on a chart of `drawn`. */
const C_AT = 4 * LEG - 1 + 3;
const D_AT = C_AT + LEG;

/** Prices of a bullish pattern from X = 100 to A = 200: B and D as parts of XA, C of AB. */
function prices(b: number, c: number, d: number) {
  const [B, D] = [200 - 100 * b, 200 - 100 * d];
  return { b: B, c: B + (200 - B) * c, d: D };
}

const through = (from: number, turns: readonly number[]): number[][] =>
  legs(
    from,
    turns.map((to): Leg => ({ to, bars: LEG })),
  );

/** X, A, B, C, D and up again, a leg of six bars each. */
function drawn([b, c, d]: readonly number[]): number[][] {
  const at = prices(b!, c!, d!);
  return through(130, [100, 200, at.b, at.c, at.d, at.d + 40]);
}

const completed = (rows: number[][], options?: HarmonicOptions) =>
  readings(harmonic(options), chart(rows)).flatMap(({ completed: each }, at) =>
    each.map(({ direction, pattern }) => `${direction} ${pattern} at ${at}`),
  );
const forming = (rows: number[][], options?: HarmonicOptions) =>
  readings(harmonic(options), chart(rows))
    .at(-1)!
    .forming.map(({ direction, pattern }) => `${direction} ${pattern}`);

const cases: [name: string, ratios: number[], patterns: string[], options?: HarmonicOptions][] = [
  ['gartley', [0.618, 0.618, 0.786], ['gartley']],
  ['gartley, B nearly too shallow', [0.618 * 0.96, 0.618, 0.786], ['gartley']],
  ['gartley, B too shallow', [0.618 * 0.94, 0.8, 0.786], []],
  ['gartley, B nearly too deep', [0.618 * 1.04, 0.618, 0.786], ['gartley']],
  ['gartley, B too deep', [0.618 * 1.06, 0.618, 0.786], []],
  ['gartley, D nearly too shallow', [0.618, 0.618, 0.786 * 0.96], ['gartley']],
  ['gartley, D too shallow', [0.618, 0.618, 0.786 * 0.94], []],
  ['gartley, D nearly too deep', [0.618, 0.618, 0.786 * 1.04], ['gartley']],
  ['gartley, D too deep', [0.618, 0.8, 0.786 * 1.06], []],
  ['gartley, C nearly too deep', [0.618, 0.886 * 1.04, 0.786], ['gartley']],
  ['gartley, C too deep', [0.618, 0.886 * 1.06, 0.786], []],
  ['gartley, C too shallow', [0.618, 0.382 * 0.94, 0.786], []],
  ['gartley, CD too long for BC', [0.618, 0.382, 0.786 * 1.04], []],
  ['gartley with a narrower tolerance', [0.618, 0.618, 0.786 * 1.04], [], { tolerance: 0.03 }],
  ['gartley with a wider tolerance', [0.618, 0.8, 0.786 * 1.06], ['gartley'], { tolerance: 0.07 }],
  ['bat', [0.45, 0.6, 0.886], ['bat']],
  ['bat, B too shallow', [0.382 * 0.94, 0.8, 0.886], []],
  ['bat, B too deep', [0.5 * 1.06, 0.6, 0.886], []],
  ['bat, D too shallow', [0.45, 0.6, 0.886 * 0.94], []],
  ['bat, D too deep', [0.45, 0.7, 0.886 * 1.06], []],
  ['bat, CD too long for BC', [0.382, 0.42, 0.886], []],
  ['butterfly', [0.786, 0.6, 1.27], ['butterfly']],
  ['butterfly, B too shallow', [0.786 * 0.94, 0.6, 1.27], []],
  ['butterfly, D too shallow', [0.786, 0.55, 1.27 * 0.94], []],
  ['butterfly, D too deep', [0.786, 0.6, 1.27 * 1.06], []],
  ['butterfly, CD too long for BC', [0.786, 0.4, 1.27], ['ab=cd']],
  ['crab', [0.5, 0.886, 1.618], ['crab']],
  ['crab, B too deep', [0.618 * 1.06, 0.886, 1.618], []],
  ['crab, D too shallow', [0.5, 0.886, 1.618 * 0.94], []],
  ['crab, D too deep', [0.618, 0.886, 1.618 * 1.06], []],
  ['crab, CD too long for BC', [0.5, 0.7, 1.618], []],
  ['ab=cd', [0.3, 0.7, 0.39], ['ab=cd']],
  ['ab=cd, CD nearly too long', [0.3, 0.7, 0.09 + 0.3 * 1.04], ['ab=cd']],
  ['ab=cd, CD too long', [0.3, 0.7, 0.09 + 0.3 * 1.06], []],
  ['ab=cd, CD too short', [0.3, 0.7, 0.09 + 0.3 * 0.94], []],
  ['ab=cd, C too shallow', [0.3, 0.35, 0.195 + 0.3], []],
  ['gartley with ab=cd', [0.618, 0.728, 0.786], ['gartley', 'ab=cd']],
];

test.each(cases)('bullish: %s', (_, ratios, patterns, options) => {
  expect(completed(drawn(ratios), options)).toEqual(patterns.map((each) => `bullish ${each} at ${D_AT}`));
});

test.each(cases)('bearish, upside down: %s', (_, ratios, patterns, options) => {
  expect(completed(upsideDown(drawn(ratios), 150), options)).toEqual(
    patterns.map((each) => `bearish ${each} at ${D_AT}`),
  );
});

test('a completed pattern names its points, ratios and zone', () => {
  const bars = chart(drawn([0.618, 0.618, 0.786]));
  const [gartley] = readings(harmonic(), bars)[D_AT]!.completed;
  const at = (leg: number) => bars[leg * LEG - 1]!.start;
  const { b, c, d } = prices(0.618, 0.618, 0.786);
  expect(gartley!.points).toEqual({
    x: { start: at(1), price: 100 },
    a: { start: at(2), price: 200 },
    b: { start: at(3), price: b },
    c: { start: at(4), price: c },
    d: { start: at(5), price: d },
  });
  expect(gartley!.ratios.ab_xa).toBeCloseTo(0.618, 12);
  expect(gartley!.ratios.bc_ab).toBeCloseTo(0.618, 12);
  expect(gartley!.ratios.ad_xa).toBeCloseTo(0.786, 12);
  expect(gartley!.ratios.cd_bc).toBeCloseTo((c - d) / (c - b), 12);
  expect(gartley!.ratios.cd_ab).toBeCloseTo((c - d) / (200 - b), 12);
  expect(gartley!.prz.low).toBeCloseTo(200 - 78.6 * 1.05, 9);
  expect(gartley!.prz.high).toBeCloseTo(200 - 78.6 * 0.95, 9);
});

test('ab=cd has no X', () => {
  const [pattern] = readings(harmonic(), chart(drawn([0.3, 0.7, 0.39])))[D_AT]!.completed;
  expect([pattern!.points.x, pattern!.ratios.ab_xa, pattern!.ratios.ad_xa]).toEqual([null, null, null]);
});

test('patterns form when C is confirmed, not before', () => {
  const rows = drawn([0.618, 0.618, 0.786]);
  const bullish = (count: number) => forming(rows.slice(0, count)).filter((text) => text.startsWith('bullish'));
  expect(bullish(C_AT)).toEqual([]);
  expect(bullish(C_AT + 1)).toEqual(['bullish gartley', 'bullish crab', 'bullish ab=cd']);
});

test('the zone is where the projections of XA and BC overlap', () => {
  const { b, c } = prices(0.45, 0.5, 0.886);
  const bat = readings(harmonic(), chart(drawn([0.45, 0.5, 0.886]).slice(0, C_AT + 1)))
    .at(-1)!
    .forming.find(({ pattern }) => pattern === 'bat')!;
  expect(bat.prz.high).toBeCloseTo(200 - 88.6 * 0.95, 9);
  expect(bat.prz.low).toBeCloseTo(Math.max(200 - 88.6 * 1.05, c - (c - b) * 2.618 * 1.05), 9);
  const mirrored = readings(harmonic(), chart(upsideDown(drawn([0.45, 0.5, 0.886]), 150).slice(0, C_AT + 1)))
    .at(-1)!
    .forming.find(({ pattern }) => pattern === 'bat')!;
  expect(mirrored.prz.low).toBeCloseTo(300 - bat.prz.high, 9);
  expect(mirrored.prz.high).toBeCloseTo(300 - bat.prz.low, 9);
});

// The gartley's C is at 176.4; its zone from 117.5 to 125.3.
const toC = through(130, [100, 200, 138.2, 176.4]);
const after = (turns: readonly number[]): number[][] => [...toC, ...through(176.4, turns)];

test.each<[name: string, turns: number[], rest: string[]]>([
  ['stays while C to D is under way', [130], ['bullish gartley', 'bullish crab', 'bullish ab=cd']],
  ['is gone once completed', [122, 150], ['bullish crab']],
  ['is given up beyond the far side of its zone', [110], ['bullish crab']],
  ['is given up beyond C', [150, 177], []],
])('a forming gartley %s', (_, turns, rest) => {
  expect(forming(after(turns)).filter((text) => text.startsWith('bullish'))).toEqual(expect.arrayContaining(rest));
  expect(forming(after(turns)).includes('bullish gartley')).toBe(rest.includes('bullish gartley'));
});

test('a forming pattern is given up when D takes too long', () => {
  expect(forming(after([130]), { within: 6 })).toContain('bullish gartley');
  expect(forming(after([130]), { within: 5 })).not.toContain('bullish gartley');
});

test('D may come after smaller swings', () => {
  expect(completed(after([140, 160, 122, 150]))).toContainEqual(expect.stringContaining('bullish gartley'));
});

test('what went too far below and came back is no D', () => {
  expect(completed(after([110, 150, 122, 150])).filter((text) => text.includes('gartley'))).toEqual([]);
});

test('a second low in the zone, not lower than the first, completes nothing; nor does a lower one again', () => {
  const gartleys = (turns: number[]) => completed(after(turns)).filter((text) => text.includes('bullish gartley'));
  expect(gartleys([122, 140, 123, 150])).toEqual([`bullish gartley at ${D_AT}`]);
  expect(gartleys([122, 140, 120, 150])).toEqual([`bullish gartley at ${D_AT}`]);
});

test.each`
  moves                 | stays
  ${[174, 4, 176.4, 2]} | ${true}
  ${[174, 4, 176.5, 2]} | ${false}
  ${[140, 4, 117.6, 2]} | ${true}
  ${[140, 4, 117.4, 2]} | ${false}
  ${[118, 2, 140, 2]}   | ${true}
  ${[110, 2, 140, 2]}   | ${false}
`('a gartley that goes on with $moves forms still: $stays', ({ moves, stays }) => {
  const [first, n, second, m] = moves;
  const rows = [
    ...toC,
    ...legs(176.4, [
      { to: first, bars: n },
      { to: second, bars: m },
    ]),
  ];
  expect(forming(rows).includes('bullish gartley')).toBe(stays);
  expect(forming(upsideDown(rows, 150)).includes('bearish gartley')).toBe(stays);
});

test('nothing forms where the projections do not meet', () => {
  expect(forming(drawn([0.382, 0.8, 0.886]).slice(0, C_AT + 1))).toContain('bullish bat');
  expect(forming(drawn([0.382, 0.42, 0.886]).slice(0, C_AT + 1))).not.toContain('bullish bat');
});

test('a high below the lows beside it is no pattern', () => {
  const [x, a, b, c] = [200, 100, 161.8, 123.6].map((price, index) => ({
    kind: index % 2 === 0 ? ('low' as const) : ('high' as const),
    price,
    start: index * 60_000,
    index,
  }));
  expect(candidatesOf([x!, a!, b!, c!], 0.05)).toEqual([]);
});

test('no more than four patterns form at a time', () => {
  const many = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 100 + 1.2 * i : 200 - 1.2 * i));
  const counts = readings(harmonic(), chart(through(150, many))).map((reading) => reading.forming.length);
  expect(Math.max(...counts)).toBe(4);
});
