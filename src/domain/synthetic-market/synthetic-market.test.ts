import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../adapters/random/seeded.ts';
import { minuteOf } from '../base/timeframe.ts';
import { parseTick } from '../tick/tick-parser.ts';
import { syntheticSymbols } from './instrument.ts';
import type { MarketTick } from './minute-ticks.ts';
import { SyntheticMarket } from './synthetic-market.ts';

const HOUR = 3_600_000;
/** A Wednesday in winter: New York is five hours behind UTC. */
const WEDNESDAY = Date.UTC(2025, 0, 15);
const FRIDAY = WEDNESDAY + 48 * HOUR;

const market = (seed: number, symbols: readonly string[] = syntheticSymbols): SyntheticMarket =>
  new SyntheticMarket(symbols, seededRandom(seed));
const ticks = (from: number, to: number, symbols = syntheticSymbols, seed = 1): MarketTick[] =>
  [...market(seed, symbols).ticksBetween(from, to)].flat();
const texts = (list: readonly MarketTick[]): string[] => list.map(({ payload }) => payload.toString());

interface Shown {
  readonly bid: number;
  readonly ask: number;
  readonly price: number;
  readonly volume: number;
  readonly side: string;
  readonly id: string;
}
const shown = (tick: MarketTick): Shown => JSON.parse(tick.payload.toString());
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('is always the same', () => {
  test('for a seed', () => {
    const [from, to] = [WEDNESDAY + 13 * HOUR, WEDNESDAY + 14 * HOUR];
    expect(texts(ticks(from, to))).toEqual(texts(ticks(from, to)));
    expect(texts(ticks(from, to))).not.toEqual(texts(ticks(from, to, syntheticSymbols, 2)));
  });

  test('however it is cut: a restart goes on where the market is', () => {
    const whole = texts(ticks(WEDNESDAY + 22 * HOUR, WEDNESDAY + 26 * HOUR));
    const cuts = [22, 22.0001, 22.5, 23.99999, 24, 24.01, 25.333333, 26].map((hour) =>
      Math.round(WEDNESDAY + hour * HOUR),
    );
    const parts = cuts.slice(1).flatMap((to, i) => texts(ticks(cuts[i]!, to)));
    expect(parts).toEqual(whole);
  });

  test('for a symbol, whichever others there are', () => {
    const [from, to] = [WEDNESDAY, WEDNESDAY + HOUR];
    const among = ticks(from, to).filter(({ symbol }) => symbol === 'GBPUSD');
    expect(texts(among)).toEqual(texts(ticks(from, to, ['GBPUSD'])));
  });
});

test('gives usable ticks in time order, without end', () => {
  const endless = market(1).ticksBetween(WEDNESDAY + 12 * HOUR + 12_345);
  const some = Array.from({ length: 90 }, () => endless.next().value as readonly MarketTick[]).flat();
  expect(some[0]!.tsMs).toBeGreaterThanOrEqual(WEDNESDAY + 12 * HOUR + 12_345);
  let last = 0;
  for (const { symbol, payload, tsMs } of some) {
    expect(tsMs >= last).toBe(true);
    last = tsMs;
    const parsed = parseTick(payload, { symbol, receivedAt: tsMs }, { allowNonPositive: false });
    expect(parsed).toMatchObject({ tick: { symbol, ts: tsMs, crossed: false, locked: false } });
  }
});

test('FX gives quotes on its grid, crypto trades with rising numbers, volume and side', () => {
  const all = ticks(WEDNESDAY + 14 * HOUR, WEDNESDAY + 15 * HOUR);
  for (const { payload } of all.filter(({ symbol }) => symbol === 'USDJPY'))
    expect(payload.toString()).toMatch(
      /^\{"symbol":"USDJPY","ts":\d{10}\.\d{3},"bid":\d{2,3}\.\d{3},"ask":\d{2,3}\.\d{3}\}$/,
    );
  const trades = all.filter(({ symbol }) => symbol === 'BTCUSDT');
  for (const { payload } of trades)
    expect(payload.toString()).toMatch(
      /^\{"symbol":"BTCUSDT","ts":\d{10}\.\d{3},"price":\d{4,6}\.\d\d,"volume":\d+\.\d{5},"side":"(buy|sell)","id":"\d+"\}$/,
    );
  const ids = trades.map((tick) => Number(shown(tick).id));
  expect(ids).toEqual(ids.map((_, i) => ids[0]! + i));
  expect(trades.every((tick) => shown(tick).volume > 0)).toBe(true);
  expect(new Set(trades.map((tick) => shown(tick).side))).toEqual(new Set(['buy', 'sell']));
});

test('FX is closed from Friday 17:00 to Sunday 17:00 in New York; crypto never is', () => {
  const weekend = ticks(FRIDAY + 22 * HOUR, FRIDAY + 70 * HOUR, ['EURUSD', 'BTCUSDT']);
  expect(weekend.some(({ symbol }) => symbol === 'EURUSD')).toBe(false);
  expect(weekend.some(({ symbol }) => symbol === 'BTCUSDT')).toBe(true);
  expect(ticks(FRIDAY + 21 * HOUR, FRIDAY + 22 * HOUR, ['EURUSD']).length).toBeGreaterThan(0);
  expect(ticks(FRIDAY + 70 * HOUR, FRIDAY + 71 * HOUR, ['EURUSD']).length).toBeGreaterThan(0);
});

test('FX follows daylight saving time: in July it closes an hour earlier in UTC', () => {
  const friday = Date.UTC(2025, 6, 18);
  expect(ticks(friday + 20 * HOUR, friday + 21 * HOUR, ['EURUSD']).length).toBeGreaterThan(0);
  expect(ticks(friday + 21 * HOUR, friday + 23 * HOUR, ['EURUSD'])).toEqual([]);
});

test('has busy and quiet hours: London and New York against the roll, with wider spreads in the quiet', () => {
  const spread = (list: readonly MarketTick[]): number => mean(list.map(shown).map(({ bid, ask }) => ask - bid));
  const busy = ticks(WEDNESDAY + 14 * HOUR, WEDNESDAY + 16 * HOUR, ['EURUSD']);
  const quiet = ticks(WEDNESDAY + 22 * HOUR, WEDNESDAY + 23 * HOUR, ['EURUSD']);
  expect(busy.length / 2).toBeGreaterThan(5 * quiet.length);
  expect(spread(quiet)).toBeGreaterThan(1.3 * spread(busy));
  const minutes = new Set(quiet.map(({ tsMs }) => minuteOf(tsMs)));
  expect(minutes.size).toBeLessThan(60);
  expect(minutes.size).toBeGreaterThan(20);
});

test('ticks at a rate that a person can watch, with bursts', () => {
  const day = ticks(WEDNESDAY, WEDNESDAY + 24 * HOUR);
  const rate = day.length / 86_400;
  expect(rate).toBeGreaterThan(5);
  expect(rate).toBeLessThan(20);
  const seconds = new Map<number, number>();
  for (const { tsMs } of day) seconds.set(Math.floor(tsMs / 1000), (seconds.get(Math.floor(tsMs / 1000)) ?? 0) + 1);
  expect(Math.max(...[...seconds.values()])).toBeGreaterThan(40);
});

test('moves as markets do: fat tails, no memory of direction, a memory of size', () => {
  const closes = new Map<number, number>();
  for (const tick of ticks(WEDNESDAY - 24 * HOUR, WEDNESDAY + 48 * HOUR, ['BTCUSDT']))
    closes.set(minuteOf(tick.tsMs), Math.log(shown(tick).price));
  const path = [...closes.values()];
  const moves = path.slice(1).map((close, i) => close - path[i]!);
  const variance = mean(moves.map((m) => m ** 2));
  const sizes = moves.map(Math.abs);
  const correlation = (list: readonly number[], lag: number): number => {
    const centre = mean(list);
    return (
      mean(list.slice(lag).map((x, i) => (x - centre) * (list[i]! - centre))) / mean(list.map((x) => (x - centre) ** 2))
    );
  };
  expect(mean(moves.map((m) => m ** 4)) / variance ** 2).toBeGreaterThan(3.5);
  expect(Math.abs(correlation(moves, 1))).toBeLessThan(0.1);
  expect(correlation(sizes, 1)).toBeGreaterThan(0.08);
  expect(correlation(sizes, 15)).toBeGreaterThan(0.03);
  // A day's move is in the order of what the instrument does in a day.
  expect(Math.sqrt(variance * 1440)).toBeGreaterThan(0.008);
  expect(Math.sqrt(variance * 1440)).toBeLessThan(0.08);
});

test('stays near its level, however long it runs', () => {
  for (const seed of [1, 2, 3])
    for (const year of [2001, 2014, 2035]) {
      const [tick] = ticks(Date.UTC(year, 4, 14, 14), Date.UTC(year, 4, 14, 15), ['EURUSD'], seed);
      expect(shown(tick!).bid).toBeGreaterThan(0.7);
      expect(shown(tick!).bid).toBeLessThan(1.7);
    }
});

test('has no symbol but its own', () => {
  expect(() => market(1, ['EURUSD', 'DOGE'])).toThrowError(
    expect.objectContaining({ code: 'feed.symbol.unknown', message: expect.stringContaining('BTCUSDT') }),
  );
});
