import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TickEnricher } from './tick-enricher.ts';
import type { EnricherTick, TickReadings } from './tick-readings.ts';

const options = {
  outlierWindow: 21,
  flowWindow: 7,
  ticksPerBucket: 3,
  buckets: 12,
  kyleWindow: 9,
  realizedWindow: 5,
  spreadWindow: 11,
  quoteOnlyAfter: 6,
};
const NINE = Date.UTC(2024, 0, 9, 9);
/** Prices a multiple of 2^-10 apart: their sums and mirrors are exact. */
const STEP = 2 ** -10;

/** Quotes, trades and both; repeats, ties, steps back in time, silences, crossed and locked markets, spikes. */
const tick = fc.record({
  wait: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(-1_500, 0.125, 31_000, 3_700_000) },
  ),
  move: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: -6, max: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom(-5_000, 5_000) },
  ),
  spread: fc.integer({ min: -2, max: 8 }),
  volume: fc.constantFrom(0, 0.1, 1, 2.5, 300),
  side: fc.constantFrom('buy', 'sell', null),
  kind: fc.constantFrom('quote', 'quote', 'trade', 'trade', 'both'),
});
type Drawn = typeof tick extends fc.Arbitrary<infer T> ? T : never;

function tape(drawn: readonly Drawn[]): EnricherTick[] {
  let ts = NINE;
  return drawn.map(({ wait, move, spread, volume, side, kind }) => {
    ts += wait;
    const price = 100 + move * STEP;
    if (kind === 'trade') return { ts, price, bid: null, ask: null, volume, side };
    const bid = price - spread * STEP;
    const ask = price + spread * STEP;
    return { ts, price, bid, ask, volume, side: kind === 'both' ? side : null };
  });
}

const tapes = fc.array(tick, { minLength: 1, maxLength: 300, size: 'max' });
const numbers = (readings: TickReadings): number[] =>
  Object.values(readings).filter((value): value is number => typeof value === 'number');
const thawed = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

test('restored anywhere, however often, it goes on bit for bit', () => {
  fc.assert(
    fc.property(tapes, fc.array(fc.nat(299), { maxLength: 8 }), (drawn, stops) => {
      const unbroken = new TickEnricher(options);
      let restored = new TickEnricher(options);
      tape(drawn).forEach((each, i) => {
        if (stops.includes(i)) restored = TickEnricher.restore(options, thawed(restored.snapshot()));
        expect(restored.next(each)).toStrictEqual(unbroken.next(each));
      });
      const state = unbroken.snapshot();
      expect(restored.snapshot()).toStrictEqual(state);
      expect(TickEnricher.restore(options, thawed(state)).snapshot()).toStrictEqual(state);
    }),
    { numRuns: 150 },
  );
});

test('a snapshot is plain JSON: no NaN, no infinity, no minus zero', () => {
  fc.assert(
    fc.property(tapes, (drawn) => {
      const enricher = new TickEnricher(options);
      for (const each of tape(drawn)) enricher.next(each);
      const state = enricher.snapshot();
      expect(thawed(state)).toStrictEqual(state);
    }),
    { numRuns: 150 },
  );
});

test('readings keep their bounds', () => {
  fc.assert(
    fc.property(tapes, (drawn) => {
      const enricher = new TickEnricher(options);
      for (const each of tape(drawn)) {
        const read = enricher.next(each);
        expect(numbers(read).every(Number.isFinite)).toBe(true);
        expect(Math.abs(read.order_flow_imbalance ?? 0)).toBeLessThanOrEqual(1);
        for (const share of [read.vpin, (read.liquidity_score ?? 0) / 100, (read.toxicity_score ?? 0) / 100])
          expect((share ?? 0) >= 0 && (share ?? 0) <= 1).toBe(true);
        for (const positive of [read.volatility, read.effective_spread])
          expect(positive ?? 0).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 150 },
  );
});

test('a tape mirrored at a price has mirrored signs, and the same spreads, toxicity and impact', () => {
  const mirror = ({ ts, price, bid, ask, volume, side }: EnricherTick): EnricherTick => ({
    ts,
    price: 200 - price,
    bid: ask === null ? null : 200 - ask,
    ask: bid === null ? null : 200 - bid,
    volume,
    side: side === null ? null : side === 'buy' ? 'sell' : 'buy',
  });
  // Spikes are left out: the scale of an outlier follows the price, and the mirror has another.
  const calm = tapes.map((drawn) => drawn.map((each) => ({ ...each, move: each.move % 7 })));
  fc.assert(
    fc.property(calm, (drawn) => {
      const [plain, mirrored] = [new TickEnricher(options), new TickEnricher(options)];
      for (const each of tape(drawn)) {
        const a = plain.next(each);
        const b = mirrored.next(mirror(each));
        expect(b.direction).toBe(0 - a.direction);
        expect(b.order_flow_imbalance ?? 0).toBe(0 - (a.order_flow_imbalance ?? 0));
        expect(Math.sign(b.log_return ?? 0)).toBe(0 - Math.sign(a.log_return ?? 0));
        expect([
          b.flags,
          b.spread,
          b.vpin,
          b.effective_spread,
          b.realized_spread,
          b.price_impact,
          b.kyle_lambda,
        ]).toEqual([a.flags, a.spread, a.vpin, a.effective_spread, a.realized_spread, a.price_impact, a.kyle_lambda]);
      }
    }),
    { numRuns: 150 },
  );
});

test('the tapes drawn reach every reading and every flag', () => {
  const reached = new Set<string>();
  for (const drawn of fc.sample(tapes, { numRuns: 100, seed: 7 })) {
    const enricher = new TickEnricher(options);
    for (const each of tape(drawn)) {
      const { flags, ...read } = enricher.next(each);
      for (const [name, value] of Object.entries(read)) if (value !== null) reached.add(name);
      for (const flag of flags) reached.add(flag);
    }
  }
  expect(reached.size).toBe(14 + 5);
});
