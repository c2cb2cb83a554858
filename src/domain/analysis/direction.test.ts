import { expect, test } from 'vitest';
import { chartReadings, structured, trending } from '../../../test/support/chart-readings.ts';
import { conflictWith, directionOf, leaning } from './direction.ts';

const macd = (histogram: number) => ({ macd: { macd: 0, signal: 0, histogram } });
const vwap = (value: number) => ({ vwap: { vwap: value, upper: value, lower: value } });

test.each`
  what                                                   | readings                                                        | close  | leans
  ${'nothing known'}                                     | ${{}}                                                           | ${1.1} | ${null}
  ${'trend up alone'}                                    | ${trending('up')}                                               | ${1.1} | ${'up'}
  ${'trend up, structure down: they cancel out'}         | ${{ ...trending('up'), ...structured('down') }}                 | ${1.1} | ${null}
  ${'the same, and MACD below its signal'}               | ${{ ...trending('up'), ...structured('down'), ...macd(-1e-5) }} | ${1.1} | ${'down'}
  ${'sideways, close above VWAP'}                        | ${{ ...trending('sideways'), ...vwap(1) }}                      | ${1.1} | ${'up'}
  ${'sideways, close below VWAP'}                        | ${{ ...trending('sideways'), ...vwap(1.2) }}                    | ${1.1} | ${'down'}
  ${'one trend outweighs MACD and VWAP together'}        | ${{ ...trending('down'), ...macd(1e-5), ...vwap(1.2) }}         | ${1.1} | ${'down'}
  ${'a flat market, whose averages are a rounding away'} | ${{ ...macd(2e-16), ...vwap(1.0999999999999996) }}              | ${1.1} | ${null}
`('$what leans $leans', ({ readings, close, leans }) => {
  expect(leaning(chartReadings(readings), close)).toBe(leans);
});

test('a chart points where its trend does, else where its structure does', () => {
  expect(directionOf(chartReadings({ ...trending('down'), ...structured('up') }))).toBe('down');
  expect(directionOf(chartReadings({ ...trending('sideways'), ...structured('up') }))).toBe('up');
  expect(directionOf(chartReadings({ ...trending('sideways'), ...structured('undefined') }))).toBeNull();
});

test.each`
  own       | longer                      | conflict
  ${'up'}   | ${['down', 'down', 'up']}   | ${{ is_conflict: true, direction: 'down', confidence: 2 / 3 }}
  ${'down'} | ${['down', 'down', 'up']}   | ${{ is_conflict: false, direction: 'down', confidence: 2 / 3 }}
  ${'up'}   | ${['down', 'up']}           | ${{ is_conflict: false }}
  ${'up'}   | ${[]}                       | ${{ is_conflict: false }}
  ${'up'}   | ${['sideways', 'sideways']} | ${{ is_conflict: false }}
  ${'up'}   | ${['sideways', 'down']}     | ${{ is_conflict: true, direction: 'down', confidence: 1 }}
  ${null}   | ${['down']}                 | ${{ is_conflict: false, direction: 'down', confidence: 1 }}
`('$own against $longer: $conflict', ({ own, longer, conflict }) => {
  const charts = (longer as ('up' | 'down' | 'sideways')[]).map((way) => chartReadings(trending(way)));
  expect(conflictWith(own, charts)).toEqual(conflict);
});
