import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chartReadings, structured, trending } from '../../../test/support/chart-readings.ts';
import type { ChartReadings } from './chart.ts';
import type { Direction } from './direction.ts';
import { maturity } from './maturity.ts';

const scored = (known: Partial<ChartReadings>, direction: Direction | null = 'up', longer: ChartReadings[] = []) =>
  maturity({ readings: chartReadings(known), close: 1.1, direction, longer });
const factor = (
  known: Partial<ChartReadings>,
  name: string,
  direction: Direction = 'up',
  longer: ChartReadings[] = [],
) => scored(known, direction, longer).confidence_factors.find((each) => each.name === name)?.value;

const location = (zone: 'premium' | 'discount' | 'equilibrium') =>
  ({ location: { zone } }) as unknown as Partial<ChartReadings>;
const wyckoff = (schematic: string) => ({ wyckoff: { schematic } }) as unknown as Partial<ChartReadings>;
const sweep = (side: 'buy' | 'sell') =>
  ({ liquidity: { pools: [], sweeps: [{ side }], taken: [] } }) as unknown as Partial<ChartReadings>;
const divergence = (direction: 'bullish' | 'bearish') =>
  ({ divergence: { event: { kind: 'regular', direction }, last: null } }) as unknown as Partial<ChartReadings>;
const block = (direction: 'bullish' | 'bearish', bottom: number, top: number) =>
  ({ atr: 0.01, blocks: { blocks: [{ direction, bottom, top }] } }) as unknown as Partial<ChartReadings>;

test.each`
  name            | known                                        | up           | down
  ${'trend'}      | ${trending('up')}                            | ${1}         | ${0}
  ${'trend'}      | ${trending('sideways')}                      | ${0.5}       | ${0.5}
  ${'structure'}  | ${structured('down')}                        | ${0}         | ${1}
  ${'structure'}  | ${structured('undefined')}                   | ${0.5}       | ${0.5}
  ${'rsi'}        | ${{ rsi: 60 }}                               | ${1}         | ${0.4}
  ${'rsi'}        | ${{ rsi: 80 }}                               | ${0.3}       | ${0.1}
  ${'rsi'}        | ${{ rsi: 20 }}                               | ${0.1}       | ${0.3}
  ${'location'}   | ${location('discount')}                      | ${1}         | ${0}
  ${'location'}   | ${location('equilibrium')}                   | ${0.5}       | ${0.5}
  ${'vwap'}       | ${{ vwap: { vwap: 1, upper: 1, lower: 1 } }} | ${1}         | ${0}
  ${'liquidity'}  | ${sweep('sell')}                             | ${1}         | ${0}
  ${'liquidity'}  | ${sweep('buy')}                              | ${0}         | ${1}
  ${'zones'}      | ${block('bullish', 1.08, 1.095)}             | ${1}         | ${0}
  ${'zones'}      | ${block('bullish', 1.02, 1.03)}              | ${0}         | ${0}
  ${'wyckoff'}    | ${wyckoff('accumulation')}                   | ${1}         | ${0}
  ${'wyckoff'}    | ${wyckoff('markdown')}                       | ${0}         | ${1}
  ${'wyckoff'}    | ${wyckoff('none')}                           | ${undefined} | ${undefined}
  ${'divergence'} | ${divergence('bearish')}                     | ${0}         | ${1}
  ${'momentum'}   | ${{}}                                        | ${undefined} | ${undefined}
`('$name of $known is worth $up to a buyer and $down to a seller', ({ name, known, up, down }) => {
  expect([factor(known, name, 'up'), factor(known, name, 'down')]).toEqual([up, down]);
});

test('longer timeframes count by the share that agrees', () => {
  const longer = [chartReadings(trending('up')), chartReadings(trending('down')), chartReadings()];
  expect(factor({}, 'longer_timeframes', 'up', longer)).toBe(0.5);
});

const macd = (histogram: number) => ({ macd: { macd: 0, signal: 0, histogram } });
const vwapAt = (vwap: number) => ({ vwap: { vwap, upper: vwap, lower: vwap } });

test('the score is the mean of what speaks for or against, by weight, and the grade follows it', () => {
  // trend 0.2 × 1, structure 0.2 × 0, RSI, MACD and location 0.1 × 1
  const known = { ...trending('up'), ...structured('down'), rsi: 60, ...macd(1e-4), ...location('discount') };
  expect(scored(known)).toMatchObject({ maturity_score: 0.714, grade: 'B' });
  expect(scored({ ...known, ...structured('up') })).toMatchObject({ maturity_score: 1, grade: 'A' });
  expect(scored(trending('down'))).toMatchObject({ maturity_score: 0, grade: 'D' });
});

test('what speaks for neither direction is named, and moves the score neither way', () => {
  const known = { ...trending('up'), rsi: 60, ...macd(1e-4), ...location('premium'), ...vwapAt(1) };
  const neutral = { ...known, ...structured('undefined') };
  expect(scored(neutral).maturity_score).toBe(scored(known).maturity_score);
  expect(factor(neutral, 'structure')).toBe(0.5);
});

test.each`
  known                                                                                            | score    | grade
  ${vwapAt(1)}                                                                                     | ${0.087} | ${'D'}
  ${{ rsi: 60, ...vwapAt(1) }}                                                                     | ${0.261} | ${'D'}
  ${{ rsi: 55, ...macd(1e-9), ...vwapAt(1), ...trending('sideways'), ...structured('undefined') }} | ${0.435} | ${'D'}
  ${{ ...trending('up'), ...structured('up') }}                                                    | ${0.696} | ${'B'}
`('a chart that can tell little has no good grade: $known', ({ known, score, grade }) => {
  // Rules weigh 1.15 in all: from 0.575 on the score is a mean.
  expect(scored(known)).toMatchObject({ maturity_score: score, grade });
});

test('without a direction there is no case, and the reason says so', () => {
  expect(scored(trending('up'), null)).toEqual({
    maturity_score: 0,
    grade: 'D',
    confidence_factors: [
      { name: 'direction', weight: 1, value: 0, reason: 'trend, structure, momentum and VWAP name no direction' },
    ],
  });
});

test('a score stays between 0 and 1', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ noNaN: true }), (rsi, histogram) => {
      const { maturity_score } = scored({ rsi, macd: { macd: 0, signal: 0, histogram }, ...trending('up') });
      expect(maturity_score).toBeGreaterThanOrEqual(0);
      expect(maturity_score).toBeLessThanOrEqual(1);
    }),
  );
});
