import { expect, test } from 'vitest';
import { chartReadings, structured, trending } from '../../../test/support/chart-readings.ts';
import type { Bar } from '../bar/bar.ts';
import type { MarketSession } from '../enrichment/market-session.ts';
import { analysisOf } from './analysis-of.ts';
import type { ChartReadings } from './chart.ts';

const bar = {
  symbol: 'EURUSD',
  tf: '1m',
  start: Date.UTC(2026, 10, 24, 14, 30),
  open: 1.386915,
  high: 1.38695,
  low: 1.3869,
  close: 1.386915,
  volume: '0',
  n: 12,
} as Bar;

function textOf(known: Partial<ChartReadings>, session: MarketSession = 'off', fields: Partial<Bar> = {}): string {
  const context = { ticks: null, settled: true, volumeKind: 'ticks', longer: new Map(), session } as const;
  const view = { bar: { ...bar, ...fields } as Bar, readings: chartReadings(known) };
  return analysisOf(view, { ...context, priceIncrement: null }).text!;
}

const macd = (histogram: number) => ({ macd: { macd: 0, signal: 0, histogram } });
const vwap = (price: number) => ({ vwap: { vwap: price, upper: price, lower: price } });
const block = (status: string) => ({ direction: 'bullish', top: 1.2, bottom: 1.1, start: 0, status });
const blocks = (...statuses: string[]) =>
  ({ blocks: { blocks: statuses.map(block) } }) as unknown as Partial<ChartReadings>;
const gap = { direction: 'bullish', top: 1.2, bottom: 1.1, start: 0, filled: 0 };

test.each`
  what                          | known                                              | says
  ${'a flat market'}            | ${{ ...macd(2e-16), ...vwap(1.3869150000000001) }} | ${'MACD is at its signal, the close is at VWAP.'}
  ${'a rising one'}             | ${{ rsi: 71, ...macd(1e-5), ...vwap(1.3868) }}     | ${'RSI is 71, overbought, MACD is above its signal, the close is above VWAP 1.3868.'}
  ${'VWAP alone'}               | ${vwap(1.387)}                                     | ${'The close is below VWAP 1.387.'}
  ${'one fresh block of three'} | ${blocks('fresh', 'mitigated', 'mitigated')}       | ${'1 order block is fresh, 2 order blocks are mitigated.'}
  ${'a gap alone'}              | ${{ gaps: { open: [gap] } }}                       | ${'1 fair-value gap is open.'}
`('of $what it says: $says', ({ known, says }) => {
  expect(textOf(known)).toContain(says);
});

test('a market in which nothing moved is neither oversold nor above anything', () => {
  expect(textOf({ rsi: null, ...macd(0), ...vwap(1.386915) })).not.toMatch(/RSI|oversold|above|below/);
});

test.each`
  session              | says
  ${'london_new_york'} | ${'There is no trend in the London and New York session.'}
  ${'asia'}            | ${'There is no trend in the Asia session.'}
  ${'off'}             | ${'There is no trend.'}
  ${'closed'}          | ${'There is no trend.'}
`('names the session $session', ({ session, says }) => {
  expect(textOf(trending('sideways'), session)).toContain(says);
});

test('prices have the digits that somebody quotes', () => {
  const fields = { open: 1.3869150000000001, close: 1.3869150000000001, low: 1.3868999999999998 };
  expect(textOf({}, 'off', fields)).toContain('went nowhere from 1.386915 to 1.386915 (low 1.3869, high 1.38695)');
});

test('the reason named first speaks for the direction', () => {
  const known = { ...structured('undefined'), ...trending('sideways'), ...vwap(1) };
  expect(textOf(known)).toContain('The case for up scores 0.087 (D), most of all because the close is above VWAP.');
});
