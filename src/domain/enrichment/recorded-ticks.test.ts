import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { tickSet } from '../../../test/support/tick-sets.ts';
import { aggressor } from './aggressor.ts';
import { TickEnricher } from './tick-enricher.ts';
import type { EnricherTick } from './tick-readings.ts';

interface Line {
  readonly ts: number;
  readonly price?: number;
  readonly bid?: number | null;
  readonly ask?: number | null;
  readonly volume?: number;
  readonly side?: string;
}

function recorded(name: string): EnricherTick[] {
  const lines = gunzipSync(readFileSync(tickSet(name).ticks))
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const { ts, price, bid = null, ask = null, volume = 0, side }: Line = JSON.parse(line);
    return { ts: Math.round(ts * 1e3), price: price ?? (bid! + ask!) / 2, bid, ask, volume, side: aggressor(side) };
  });
}

/** Share of the ticks with each flag, in percent. */
function flagged(ticks: readonly EnricherTick[]): Record<string, number> {
  const enricher = new TickEnricher();
  const counts: Record<string, number> = { crossed: 0, locked: 0, stale: 0, out_of_order: 0, outlier: 0 };
  for (const tick of ticks) for (const flag of enricher.next(tick).flags) counts[flag]! += 1;
  return Object.fromEntries(Object.entries(counts).map(([flag, count]) => [flag, (100 * count) / ticks.length]));
}

/** By 50 pips at 1.1, up and down by turns. */
const spiked = (tick: EnricherTick, i: number): EnricherTick => {
  const by = (i % 2 === 0 ? 0.005 : -0.005) * (tick.price / 1.1);
  const shifted = (price: number | null) => price && price + by;
  return { ...tick, price: tick.price + by, bid: shifted(tick.bid), ask: shifted(tick.ask) };
};

await describeWith('recorded ticks', { ticks: true }, () => {
  test.each`
    name                                | crossed | locked
    ${'EURUSD.fxcm.2014-05'}            | ${10.2} | ${12.4}
    ${'EURUSD.oanda.2014-05'}           | ${0}    | ${0}
    ${'EURUSD.dukascopy.2019-02-04_05'} | ${0}    | ${0}
    ${'AUDUSD.truefx.2020-01-30_31'}    | ${0}    | ${3.5}
  `('$name: $crossed % crossed, $locked % locked, all in order, hardly an outlier', ({ name, crossed, locked }) => {
    const shares = flagged(recorded(name));
    expect(shares.crossed).toBeCloseTo(crossed, 1);
    expect(shares.locked).toBeCloseTo(locked, 1);
    expect(shares.out_of_order).toBe(0);
    expect(shares.outlier).toBeLessThan(0.01);
    expect(shares.stale).toBeLessThan(0.1);
  });

  test.each([
    'EURUSD.dukascopy.2019-02-04_05',
    'EURUSD.histdata.2020-01-30_31',
  ])('%s: all of the spikes of 50 pips planted, every 997th tick, are found, and no tick after one is', (name) => {
    const ticks = recorded(name);
    const plain = new TickEnricher();
    const planted = new TickEnricher();
    let missed = 0;
    let spikes = 0;
    ticks.forEach((tick, i) => {
      const before = plain.next(tick).flags.includes('outlier');
      const isSpike = i > 100 && i % 997 === 0;
      const found = planted.next(isSpike ? spiked(tick, i) : tick).flags.includes('outlier');
      if (isSpike) spikes += 1;
      if (found !== (isSpike || before)) missed += 1;
    });
    expect(spikes).toBeGreaterThan(90);
    expect(missed).toBe(0);
  });

  test('trades of BTCUSDT show volatility, imbalance, toxicity and lambda, and no spread', () => {
    const enricher = new TickEnricher();
    const read = recorded('BTCUSDT.binance.2024-08-08_09')
      .map((tick) => enricher.next(tick))
      .at(-1)!;
    const { volatility, order_flow_imbalance, vpin, kyle_lambda, spread, effective_spread } = read;
    for (const known of [volatility, order_flow_imbalance, vpin, kyle_lambda]) expect(known).not.toBeNull();
    expect([spread, effective_spread]).toEqual([null, null]);
  });
});
