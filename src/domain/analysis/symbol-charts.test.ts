import { expect, test } from 'vitest';
import { enrichmentOptions } from '../../../test/support/enrichment-options.ts';
import { type Bar, bar } from '../bar/bar.ts';
import { SymbolCharts } from './symbol-charts.ts';

const DAY = 86_400_000;
const MONDAY = Date.UTC(2024, 0, 8);
const options = enrichmentOptions('24x7');

/** Every tenth minute of a day, from 100 by 1 up a bar; ten ticks in each. */
const day = (n: number, volumeOf: (i: number) => string): Bar[] =>
  Array.from({ length: 144 }, (_, i) => {
    const price = 100 + n * 1_000 + i;
    const prices = { open: price, high: price, low: price, close: price };
    const start = MONDAY + n * DAY + i * 600_000;
    const rest = { n: 10, rev: 0, digest: '0'.repeat(16), partial: false, tf: '1m', symbol: 'X' } as const;
    return bar({ ...rest, ...prices, start, volume: volumeOf(i) });
  });

/** VWAP and kind of volume after each bar; with `restored`, from a state that went through JSON before each. */
function played(bars: readonly Bar[], restored = false): { vwap: number | null; kind: unknown }[] {
  let charts = new SymbolCharts('X', options, null);
  return bars.map((each) => {
    if (restored) charts = new SymbolCharts('X', options, JSON.parse(JSON.stringify(charts.snapshot())));
    const { payload } = charts.add(each, null, true)!;
    return { vwap: payload.technical_indicators.vwap, kind: payload.extras.volume_kind };
  });
}

const none = () => '0';
const stray = (i: number) => (i === 50 ? '3' : '0');
const lots = (i: number) => (i % 3 === 0 ? '0' : '2');

test.each`
  days                       | kinds
  ${[none, none]}            | ${['ticks', 'ticks']}
  ${[stray, none]}           | ${['ticks', 'ticks']}
  ${[none, lots, lots]}      | ${['ticks', 'ticks', 'traded']}
  ${[() => '2', lots]}       | ${['traded', 'traded']}
  ${[lots, lots, none]}      | ${['ticks', 'traded', 'traded']}
  ${[() => '2', none, none]} | ${['traded', 'traded', 'ticks']}
`('sessions of $days have volumes of $kinds, each from its first bar to its last', ({ days, kinds }) => {
  const found = played(days.flatMap((volumeOf: (i: number) => string, n: number) => day(n, volumeOf)));
  const each = days.map((_: unknown, n: number) => [
    ...new Set(found.slice(n * 144, (n + 1) * 144).map((b) => b.kind)),
  ]);
  expect(each).toEqual(kinds.map((kind: string) => [kind]));
});

test('one tick with a volume neither stops VWAP nor weighs more than its bar', () => {
  const usual = played([...day(0, none), ...day(1, none)]);
  expect(played([...day(0, stray), ...day(1, none)])).toEqual(usual);
  // The mean of 100 to 243, all of one weight.
  expect(usual[143]!.vwap).toBeCloseTo(171.5, 9);
});

test('the kind of volume survives a restart before any bar', () => {
  const bars = [...day(0, none), ...day(1, lots), ...day(2, lots)];
  expect(played(bars, true)).toEqual(played(bars));
});
