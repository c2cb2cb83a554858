import { expect, test } from 'vitest';
import { quoteTick, tradeTick } from '../../../test/support/enricher-ticks.ts';
import { TickEnricher } from './tick-enricher.ts';
import type { EnricherTick, TickReadings } from './tick-readings.ts';

const readings = (ticks: readonly EnricherTick[], options = {}): TickReadings[] => {
  const enricher = new TickEnricher(options);
  return ticks.map((tick) => enricher.next(tick));
};
const last = (ticks: readonly EnricherTick[], options = {}): TickReadings => readings(ticks, options).at(-1)!;

test.each`
  tick                              | mid     | spread  | bps     | flags
  ${quoteTick(0, 99.5, 100.5)}      | ${100}  | ${1}    | ${100}  | ${[]}
  ${quoteTick(0, 100.5, 99.5)}      | ${100}  | ${-1}   | ${-100} | ${['crossed']}
  ${quoteTick(0, 100, 100)}         | ${100}  | ${0}    | ${0}    | ${['locked']}
  ${quoteTick(0, -101, -99)}        | ${-100} | ${2}    | ${200}  | ${[]}
  ${quoteTick(0, -1, 1)}            | ${0}    | ${2}    | ${null} | ${[]}
  ${tradeTick(0, 100)}              | ${null} | ${null} | ${null} | ${[]}
  ${{ ...tradeTick(0, 9), bid: 9 }} | ${null} | ${null} | ${null} | ${[]}
`('bid $tick.bid, ask $tick.ask: mid $mid, spread $spread, $bps bps, $flags', ({ tick, mid, spread, bps, flags }) => {
  const { mid: read, spread: wide, spread_bps, flags: flagged } = last([tick]);
  expect([read, wide, spread_bps, flagged]).toEqual([mid, spread, bps, flags]);
});

test.each`
  prices          | direction | about
  ${[5]}          | ${0}      | ${'the first'}
  ${[5, 5]}       | ${0}      | ${'no change yet'}
  ${[5, 6]}       | ${1}      | ${'uptick'}
  ${[5, 4]}       | ${-1}     | ${'downtick'}
  ${[5, 6, 6, 6]} | ${1}      | ${'zero uptick'}
  ${[5, 4, 4]}    | ${-1}     | ${'zero downtick'}
  ${[5, 6, 5]}    | ${-1}     | ${'a downtick after an uptick'}
`('$prices: direction $direction, $about', ({ prices, direction }) => {
  expect(last(prices.map((price: number, i: number) => tradeTick(i, price))).direction).toBe(direction);
  expect(last(prices.map((price: number, i: number) => quoteTick(i, price - 1, price + 1))).direction).toBe(direction);
});

test('a quote is compared with the last quote, a trade with the last trade', () => {
  const [, trade, quote, next] = readings([
    quoteTick(0, 9, 11),
    tradeTick(1, 20),
    quoteTick(2, 19, 21),
    tradeTick(3, 5),
  ]);
  expect([trade!.log_return, trade!.direction]).toEqual([null, 0]);
  expect([quote!.log_return, quote!.direction]).toEqual([Math.log(2), 1]);
  expect([next!.log_return, next!.direction]).toEqual([Math.log(1 / 4), -1]);
});

test.each`
  prices        | logReturn        | about
  ${[100]}      | ${null}          | ${'the first has none'}
  ${[100, 100]} | ${0}             | ${'no change'}
  ${[100, 110]} | ${Math.log(1.1)} | ${'up'}
  ${[100, -1]}  | ${null}          | ${'below zero'}
  ${[-1, 100]}  | ${null}          | ${'from below zero'}
`('$prices: log return $logReturn, $about', ({ prices, logReturn }) => {
  const read = last(prices.map((price: number, i: number) => tradeTick(i, price))).log_return;
  if (logReturn === null) expect(read).toBeNull();
  else expect(read).toBeCloseTo(logReturn, 15);
});

test('volatility is the root of the exponentially weighted mean of squared log returns', () => {
  const [first, second, third, fourth] = readings([1, Math.E, Math.E, 1].map((price, i) => tradeTick(i, price)));
  expect(first!.volatility).toBeNull();
  expect(second!.volatility).toBe(1);
  expect(third!.volatility).toBeCloseTo(Math.sqrt(0.94), 15);
  expect(fourth!.volatility).toBeCloseTo(Math.sqrt(0.94 * 0.94 + 0.06), 15);
});

test.each`
  ticks                                                                | stale    | about
  ${[quoteTick(0, 9, 11), quoteTick(29.999, 9, 11)]}                   | ${false} | ${'not yet 30 s'}
  ${[quoteTick(0, 9, 11), quoteTick(30, 9, 11)]}                       | ${true}  | ${'30 s'}
  ${[quoteTick(0, 9, 11), quoteTick(20, 9, 11), quoteTick(40, 9, 11)]} | ${true}  | ${'repeated in between'}
  ${[quoteTick(0, 9, 11), quoteTick(20, 8, 11), quoteTick(40, 8, 11)]} | ${false} | ${'one side changed'}
  ${[quoteTick(0, 9, 11), quoteTick(20, 8, 12), quoteTick(40, 8, 12)]} | ${false} | ${'both sides changed around the same mid'}
  ${[quoteTick(0, 9, 11), quoteTick(90, 9, 12)]}                       | ${false} | ${'a change after a long silence'}
  ${[tradeTick(0, 9), tradeTick(30, 9)]}                               | ${true}  | ${'a trade at an old price'}
  ${[tradeTick(0, 9), tradeTick(20, 9), tradeTick(40, 9)]}             | ${true}  | ${'trades repeated in between'}
  ${[tradeTick(0, 9), tradeTick(20, 8), tradeTick(40, 8)]}             | ${false} | ${'a trade at a new price'}
`('stale $stale: $about', ({ ticks, stale }) => {
  expect(last(ticks).flags.includes('stale')).toBe(stale);
});

test('a tick out of order changes nothing but the counts', () => {
  const enricher = new TickEnricher();
  for (const tick of [quoteTick(0, 9, 11), quoteTick(2, 10, 12)]) enricher.next(tick);
  const { counts: _, ...before } = enricher.snapshot();
  const read = enricher.next(quoteTick(1, 14, 13));
  const { counts, ...after } = enricher.snapshot();
  expect(after).toEqual(before);
  expect(counts).toEqual({ ticks: 3, outOfOrder: 1, outliers: 0 });
  expect(read).toMatchObject({ mid: 13.5, spread: -1, direction: 1, log_return: null, order_flow_imbalance: 1 });
  expect(read.flags).toEqual(['crossed', 'out_of_order']);
});

test('ticks at the same instant are in order', () => {
  expect(last([quoteTick(1, 9, 11), quoteTick(1, 10, 12)]).flags).toEqual([]);
});

test('a trade far from the last one is no outlier where the quote before it holds it', () => {
  const atAsk = Array.from({ length: 40 }, (_, i) => tradeTick(1 + i / 2, 101));
  const flags = (ticks: readonly EnricherTick[]) => last([...ticks, tradeTick(22, 99)]).flags;
  expect(flags([quoteTick(0, 99, 101), ...atAsk])).toEqual([]);
  expect(flags([quoteTick(0, 99.5, 101), ...atAsk])).toEqual(['outlier']);
  expect(flags(atAsk)).toEqual(['outlier']);
  expect(last([quoteTick(0, 99, 101), ...atAsk, tradeTick(31, 99)]).flags).toEqual(['outlier']);
});

test('an outlier shows itself and enters no statistic', () => {
  const quotes = Array.from({ length: 60 }, (_, i) => quoteTick(i, 100 + (i % 3) / 1024, 101 + (i % 3) / 1024));
  const enricher = new TickEnricher({ kyleWindow: 20, ticksPerBucket: 2 });
  const standing = quotes.map((tick) => enricher.next(tick)).at(-1)!;
  const spike = enricher.next(quoteTick(60, 90, 91));
  expect(spike).toEqual({
    ...standing,
    mid: 90.5,
    spread_bps: 10_000 / 90.5,
    flags: ['outlier'],
    direction: -1,
    log_return: Math.log(90.5 / standing.mid!),
  });
  expect(enricher.counts).toEqual({ ticks: 61, outOfOrder: 0, outliers: 1 });
  expect(enricher.next(quoteTick(61, 100, 101))).toEqual(
    last([...quotes, quoteTick(61, 100, 101)], { kyleWindow: 20, ticksPerBucket: 2 }),
  );
});

test.each`
  ticks                                                              | imbalance | about
  ${[quoteTick(0, 9, 11)]}                                           | ${null}   | ${'a first quote'}
  ${[quoteTick(0, 9, 11), quoteTick(1, 10, 11)]}                     | ${0.5}    | ${'the bid rose'}
  ${[quoteTick(0, 9, 11), quoteTick(1, 8, 10)]}                      | ${-1}     | ${'both sides fell'}
  ${[quoteTick(0, 9, 11), tradeTick(1, 11, 4)]}                      | ${1}      | ${'bought at the ask'}
  ${[quoteTick(0, 9, 11), tradeTick(1, 9.5, 4)]}                     | ${-1}     | ${'sold below the mid'}
  ${[quoteTick(0, 9, 11), tradeTick(1, 11, 3), tradeTick(2, 9, 1)]}  | ${0.5}    | ${'3 bought, 1 sold'}
  ${[tradeTick(0, 9, 1), tradeTick(1, 10, 3)]}                       | ${0.75}   | ${'tick rule; the first has no sign'}
  ${[tradeTick(0, 9, 1), tradeTick(1, 10, 3, 'sell')]}               | ${-0.75}  | ${'the stated side before the tick rule'}
  ${[quoteTick(0, 9, 11), tradeTick(1, 11, 1), tradeTick(2, 10, 1)]} | ${0}      | ${'at the mid the tick rule decides'}
  ${[tradeTick(0, 9, 0, 'buy'), tradeTick(1, 9, 3, 'sell')]}         | ${-0.5}   | ${'a trade without volume weighs 1'}
  ${[quoteTick(0, 9, 11), tradeTick(1, 11, 4), quoteTick(2, 8, 10)]} | ${-1}     | ${'a quote shows that of quotes'}
  ${[{ ...quoteTick(0, 9, 11, 5), side: 'sell' }]}                   | ${-1}     | ${'a quote with a side is a trade too'}
  ${[quoteTick(0, 9, 11, 5)]}                                        | ${null}   | ${'a quote with volume alone is not'}
`('imbalance $imbalance: $about', ({ ticks, imbalance }) => {
  expect(last(ticks).order_flow_imbalance).toBe(imbalance);
});

test('lambda of a tape of quotes: tick volume signed by the tick rule against the move of the mid', () => {
  const mids = [100, 102, 101, 103, 102, 102];
  const ticks = mids.map((mid, i) => quoteTick(i, mid - 1, mid + 1));
  // Flows 1, -1, 1, -1, -1 and moves 2, -1, 2, -1, 0: slope (8 − ⅓…) worked out as Σ(x−x̄)(y−ȳ) / Σ(x−x̄)².
  expect(last(ticks, { kyleWindow: 5 }).kyle_lambda).toBeCloseTo(6.4 / 4.8, 14);
  expect(last(ticks, { kyleWindow: 6 }).kyle_lambda).toBeNull();
});

test('quotes carry flow only while no trades do', () => {
  const options = { quoteOnlyAfter: 3, kyleWindow: 2 };
  const quotes = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => quoteTick(from + i, 9 - (i % 2), 11));
  const enricher = new TickEnricher(options);
  const seen = (ticks: readonly EnricherTick[]) => {
    for (const tick of ticks) enricher.next(tick);
    return enricher.snapshot().buckets.seen;
  };
  expect(seen(quotes(0, 4))).toBe(4);
  expect(seen([tradeTick(4, 10)])).toBe(5);
  expect(seen(quotes(5, 8))).toBe(5);
  expect(seen(quotes(8, 10))).toBe(7);
});

test.each`
  spreads         | score  | about
  ${[2]}          | ${50}  | ${'nothing to rank among'}
  ${[2, 3, 4, 1]} | ${100} | ${'the narrowest'}
  ${[2, 3, 4, 5]} | ${0}   | ${'the widest'}
  ${[1, 3, 2]}    | ${50}  | ${'the middle'}
  ${[0, 3, -2]}   | ${75}  | ${'crossed counts as locked'}
`('spreads $spreads score $score: $about', ({ spreads, score }) => {
  const ticks = spreads.map((spread: number, i: number) => quoteTick(i, 100, 100 + spread));
  expect(last(ticks).liquidity_score).toBe(score);
});

test('toxicity is 100 × VPIN, and liquidity the mean of the ranks of spread and depth', () => {
  const enricher = new TickEnricher({ ticksPerBucket: 1, buckets: 10 });
  let read: TickReadings | undefined;
  for (let i = 0; i < 11; i += 1) read = enricher.next(quoteTick(i, 100 + i, 101 + i));
  // Each bucket is a quote: 10 of 10 bought. Log returns shrink as the price rises, so that the newest is the deepest; all spreads are 1.
  expect([read!.vpin, read!.toxicity_score, read!.liquidity_score]).toEqual([1, 100, 75]);
});

test('a snapshot taken with other options is refused', () => {
  const state = new TickEnricher({ flowWindow: 50 }).snapshot();
  expect(() => TickEnricher.restore({}, state)).toThrow(
    'enrichment flowWindow: 100 (options) is not that of the snapshot, 50',
  );
});
