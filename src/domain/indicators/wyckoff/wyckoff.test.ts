import { expect, test } from 'vitest';
import {
  all,
  cause,
  climax,
  decline,
  early,
  LPS,
  markup,
  PS,
  phaseA,
  phaseB,
  phaseC,
  phaseD,
  SOS,
  SPRING,
  ST,
  sinking,
  TEST,
  toTop,
} from '../../../../test/support/accumulation-chart.ts';
import { chart } from '../../../../test/support/chart.ts';
import { legs, upsideDown } from '../../../../test/support/chart-legs.ts';
import { readings } from '../detector.ts';
import { type WyckoffOptions, wyckoff } from './wyckoff.ts';

type Rows = number[][];

const A = 'PS 147, SC 134';
const B = `${A}, AR 150, ST 136`;
const C = `${B}, SPRING 132.5, TEST 136`;
const D = `${C}, SOS 153.5`;

const path = (from: number, ...moves: [to: number, bars: number, volume?: number][]): Rows =>
  legs(
    from,
    moves.map(([to, bars, volume = 100]) => ({ to, bars, volume })),
  );
const withVolume = (rows: Rows, volume: number): Rows => rows.map((row) => [...row.slice(0, 4), volume]);

interface Expected {
  readonly events: string;
  readonly ends: string;
}

function told(rows: Rows, options?: WyckoffOptions): Expected {
  const all = readings(wyckoff(options), chart(rows));
  const events = all.flatMap(({ event }) => (event === null ? [] : [`${event.code} ${event.price}`]));
  const { schematic, phase } = all.at(-1)!;
  return { events: events.join(', '), ends: phase === null ? schematic : `${schematic} ${phase}` };
}

const UPSIDE_DOWN: Readonly<Record<string, string>> = {
  PS: 'PSY',
  SC: 'BC',
  SPRING: 'UTAD',
  SOS: 'SOW',
  LPS: 'LPSY',
  accumulation: 'distribution',
  markup: 'markdown',
  markdown: 'markup',
};

const turned = (text: string): string =>
  text
    .replace(/ST (13[0-3]\S*)/g, 'UT $1')
    .replace(/[A-Za-z]{2,}/g, (word) => UPSIDE_DOWN[word] ?? word)
    .replace(/\d+(\.\d+)?/g, (price) => String(400 - Number(price)));

const cases: [name: string, rows: Rows, events: string, ends: string, options?: WyckoffOptions][] = [
  ['a decline alone', decline, '', 'none'],
  ['preliminary support', [...decline, ...PS], 'PS 147', 'markdown'],
  ['preliminary support closing low', [...decline, [150, 150, 147, 148, 140]], '', 'markdown'],
  ['preliminary support on usual volume', [...decline, [150, 150, 147, 148.6, 110]], '', 'markdown'],
  ['a selling climax', climax, A, 'accumulation A'],
  ['a climax that closes at its low', [...decline, [150, 150, 144, 144.6, 400]], '', 'markdown'],
  ['a climax on usual volume', [...decline, [150, 150, 144, 147, 110]], '', 'markdown'],
  ['a climax of usual spread', [...decline, [150, 150, 149, 149.6, 400]], '', 'markdown'],
  [
    'a climax without a trend',
    [
      ...legs(
        100,
        Array(5)
          .fill([
            { to: 101, bars: 5 },
            { to: 100, bars: 5 },
          ])
          .flat(),
      ),
      [100, 100, 94, 97, 400],
    ],
    '',
    'markdown',
  ],
  ['a climax without volume', withVolume(climax, 0), '', 'markdown'],
  ['a second, lower climax', [...climax, [137, 137, 132, 136, 600]], `${A}, SC 132`, 'accumulation A'],
  ['a close well below the climax', [...climax, [137, 137, 132, 132.5, 100]], A, 'markdown'],
  [
    'a low rally',
    [...decline, ...sinking, [140, 140, 134, 136.2, 400], ...path(136.2, [136.5, 2], [134.5, 5])],
    'SC 134',
    'accumulation A',
  ],
  ['an automatic rally, unconfirmed', [...phaseA, ...ST.slice(0, 2)], A, 'accumulation A'],
  ['an automatic rally', [...phaseA, ...ST.slice(0, 3)], `${A}, AR 150`, 'accumulation A'],
  ['a secondary test', [...phaseA, ...ST, ...cause.slice(0, 3)], B, 'accumulation B'],
  [
    'a test on the volume of the climax',
    [...phaseA, ...withVolume(ST, 400), ...cause.slice(0, 3)],
    `${A}, AR 150`,
    'accumulation A',
  ],
  [
    'a test in the middle of the range',
    [...phaseA, ...path(150, [139, 10], [145, 5])],
    `${A}, AR 150`,
    'accumulation A',
  ],
  ['a dip below an early range', [...early, ...SPRING], `${A}, AR 150, ST 132.5`, 'accumulation B'],
  ['a spring', [...phaseB, ...SPRING], `${B}, SPRING 132.5`, 'accumulation C'],
  [
    'a spring that is back on the third bar',
    [...phaseB, [135, 135, 133, 133.5, 80], [133.5, 134, 132, 133, 80], [133, 135, 133, 134.5, 80]],
    `${B}, SPRING 132`,
    'accumulation C',
  ],
  [
    'a break-down of three bars',
    [...phaseB, [135, 135, 133, 133.5, 80], [133.5, 134, 132, 133, 80], [133, 133.9, 133, 133.5, 80]],
    B,
    'markdown',
  ],
  ['a deep break-down', [...phaseB, [135, 135.5, 128.5, 134.6, 80]], B, 'markdown'],
  ['a spring on the volume of the climax', [...phaseB, [135, 135.5, 132.5, 134.6, 400]], B, 'accumulation B'],
  ['a spring and its test', [...phaseC, ...toTop.slice(0, 3)], C, 'accumulation C'],
  [
    'a test on the volume of the spring',
    [...phaseB, ...SPRING, ...withVolume(TEST, 150), ...toTop.slice(0, 3)],
    `${B}, SPRING 132.5`,
    'accumulation C',
  ],
  [
    'a test too high',
    [...phaseB, ...SPRING, ...path(134.6, [147, 6, 60], [141, 4, 60], [146, 4, 60])],
    `${B}, SPRING 132.5`,
    'accumulation C',
  ],
  ['a sign of strength', phaseD, D, 'accumulation D'],
  [
    'a sign of strength without a spring',
    [...phaseB, ...path(135, [149, 10]), ...SOS],
    `${B}, ST 135, SOS 153.5`,
    'accumulation D',
  ],
  ['a break-out on usual volume', [...phaseC, ...toTop, [149, 154, 149, 153.5, 90]], C, 'accumulation C'],
  ['a break-out that closes low', [...phaseC, ...toTop, [149, 154, 149, 151, 250]], C, 'accumulation C'],
  ['a break-out that goes on without strength', [...phaseC, ...path(136, [160, 20, 80])], C, 'markup'],
  ['a last point of support', [...phaseD, ...LPS, ...markup.slice(0, 3)], `${D}, LPS 148`, 'accumulation D'],
  [
    'a pull-back on the volume of the sign',
    [...phaseD, ...withVolume(LPS, 250), ...markup.slice(0, 3)],
    D,
    'accumulation D',
  ],
  ['a sign of strength that fails', [...phaseD, ...path(153.5, [141, 6])], D, 'accumulation B'],
  ['markup after a last point of support', all, `${D}, LPS 148`, 'markup E'],
  ['markup without one', [...phaseD, ...path(153.5, [167, 12])], D, 'markup E'],
  ['markup that comes back', [...all, ...path(158, [149.5, 10])], `${D}, LPS 148`, 'none'],
  ['a range that lasts too long', phaseB, B, 'markdown', { timeout: 50 }],
  ['a climax above the lowest low', [...decline, ...path(150, [156, 6]), [156, 156, 151, 154, 400]], '', 'markdown'],
  [
    'a test as wide as the climax',
    [...phaseA, ...path(150, [142, 8, 80]), [142, 142, 136, 137, 80], ...path(137, [145, 4])],
    `${A}, AR 150`,
    'accumulation A',
  ],
  [
    'a dip below an early range, once',
    [...early, ...SPRING, ...path(134.6, [140, 4])],
    `${A}, AR 150, ST 132.5`,
    'accumulation B',
  ],
  [
    'a dip below the range soon after its first test',
    [...phaseA, ...ST, ...path(136, [142, 4, 80], [135, 4, 80]), ...SPRING],
    `${B}, ST 132.5`,
    'accumulation B',
  ],
  [
    'a deep break-down that is a climax itself',
    [...phaseB, [135, 135.5, 128.5, 134.6, 150]],
    `${B}, SC 128.5`,
    'accumulation A',
  ],
  [
    'a second test of the spring',
    [...phaseC, ...path(136, [140, 4, 60], [135.5, 4, 60], [140, 4, 60])],
    C,
    'accumulation C',
  ],
  [
    'a test on less volume than the spring but more than usual',
    [...phaseB, ...SPRING, ...withVolume(TEST, 120), ...toTop.slice(0, 3)],
    `${B}, SPRING 132.5`,
    'accumulation C',
  ],
  [
    'a test on less volume than usual but more than the spring',
    [...phaseB, ...withVolume(SPRING, 60), ...withVolume(TEST, 70), ...toTop.slice(0, 3)],
    `${B}, SPRING 132.5`,
    'accumulation C',
  ],
  ['strength that stays in the range', [...phaseC, ...toTop, [145, 149.9, 145, 149.8, 250]], C, 'accumulation C'],
  ['a break-out by a gap and a falling bar', [...phaseC, ...toTop, [153, 153.5, 146, 152.9, 250]], C, 'accumulation C'],
  ['a break-out of usual spread', [...phaseC, ...toTop, [149.6, 150.6, 149.6, 150.5, 250]], C, 'accumulation C'],
  [
    'a low before the sign of strength',
    [...phaseC, ...toTop, ...path(149, [147, 3, 40]), [147, 154, 147, 153.5, 250], ...path(153.5, [158, 4, 90])],
    D,
    'accumulation D',
  ],
  [
    'a pull-back that trades below the middle of the range',
    [...phaseD, ...path(153.5, [150, 3, 50]), [150, 150, 141, 146, 50], ...path(146, [151, 4, 50])],
    D,
    'accumulation D',
  ],
  [
    'a close above the sign of strength, but not above the highest since',
    [...phaseD, ...path(153.5, [156, 3], [148, 5, 50], [155, 6, 90])],
    `${D}, LPS 148`,
    'accumulation D',
  ],
  [
    'a spring is not its own test',
    [
      ...phaseB,
      [135, 135, 133, 133.5, 150],
      [133.5, 134, 132, 133, 60],
      [133, 135, 133, 134.5, 60],
      ...path(134.5, [140, 4]),
    ],
    `${B}, SPRING 132`,
    'accumulation C',
  ],
];

test.each(cases)('accumulation: %s', (_, rows, events, ends, options) => {
  expect(told(rows, options)).toEqual({ events, ends });
});

test.each(cases)('distribution, upside down: %s', (_, rows, events, ends, options) => {
  expect(told(upsideDown(rows, 200), options)).toEqual({ events: turned(events), ends: turned(ends) });
});
