import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enrichmentOptions } from '../../../test/support/enrichment-options.ts';
import { seededRandom } from '../../adapters/random/seeded.ts';
import { compareIds, type Enriched, StreamEnricher } from './stream-enricher.ts';

const options = enrichmentOptions();
const FROM = Date.UTC(2024, 0, 8, 9);
const idOf = (n: number): string => `${FROM + n * 900}-0`;

interface Given {
  readonly id: string;
  readonly fields: Readonly<Record<string, Buffer>>;
}

/** Two symbols that wander, with late ticks, repeated prices, trades and entries that are no ticks. */
function tape(seed: string, count: number): Given[] {
  const dice = seededRandom(seed);
  const prices: Record<string, number> = { EURUSD: 1.1, BTCUSDT: 60_000 };
  return Array.from({ length: count }, (_, n) => {
    const symbol = dice.next() < 0.6 ? 'EURUSD' : 'BTCUSDT';
    const price = (prices[symbol]! *= 1 + dice.normal() * 1e-4);
    const ts = (FROM + n * 900 - (dice.next() < 0.05 ? dice.int(90_000) : 0)) / 1_000;
    const text =
      dice.next() < 0.02
        ? `{"symbol":"${symbol}","ts":${ts}`
        : symbol === 'EURUSD'
          ? JSON.stringify({ symbol, ts, bid: Number(price.toFixed(5)), ask: Number((price + 1e-4).toFixed(5)) })
          : JSON.stringify({ symbol, ts, price: Number(price.toFixed(1)), volume: dice.next(), side: 'buy' });
    return { id: idOf(n), fields: { j: Buffer.from(text) } };
  });
}

const play = (stream: StreamEnricher, entries: readonly Given[]): Enriched[] =>
  entries.map(({ id, fields }) => stream.take(id, fields));
const fresh = (): StreamEnricher => new StreamEnricher('s', options);

test('restored anywhere, and as often as you like, it gives the same rows and analyses to the last bit', () => {
  const entries = tape('restarts', 3_000);
  const whole = play(fresh(), entries).map((each) => JSON.stringify(each));
  expect(whole.some((each) => each.includes('"timeframe":"15m"'))).toBe(true);
  expect(whole.some((each) => each.includes('"late":true'.replaceAll('"', '\\"')))).toBe(true);
  fc.assert(
    fc.property(fc.array(fc.nat(entries.length - 1), { minLength: 1, maxLength: 5 }), (cuts) => {
      const ends = [...new Set(cuts), entries.length].sort((a, b) => a - b);
      let stream = fresh();
      let from = 0;
      const found: string[] = [];
      for (const to of ends) {
        found.push(...play(stream, entries.slice(from, to)).map((each) => JSON.stringify(each)));
        stream = new StreamEnricher('s', options, stream.snapshot(), stream.position);
        from = to;
      }
      expect(found).toEqual(whole);
    }),
    { numRuns: 8 },
  );
});

test('what the clock closes early leaves the rows and analyses of the ticks as they are', () => {
  const entries = tape('early', 1_200);
  const whole = play(fresh(), entries);
  const disturbed = fresh();
  const found = entries.map(({ id, fields }, n) => {
    if (n % 50 === 0) for (const symbol of disturbed.symbols.values()) symbol.settledByClock(FROM + 10 * 3_600_000 + n);
    return disturbed.take(id, fields);
  });
  expect(found).toEqual(whole);
});

test('a bar that no tick closes is analysed by the clock, once, as not settled; then by its ticks, as settled', () => {
  const stream = fresh();
  const quote = (n: number, second: number) =>
    stream.take(`${FROM + n}-0`, {
      j: Buffer.from(JSON.stringify({ symbol: 'EURUSD', ts: FROM / 1_000 + second, bid: 1.1, ask: 1.2 })),
    });
  quote(0, 10);
  const [symbol] = stream.symbols.values();
  expect(symbol!.settledByClock(FROM + 30_000)).toEqual([]);
  const early = symbol!.settledByClock(FROM + 70_000);
  expect(early).toMatchObject([{ symbol: 'EURUSD', timeframe: '1m', start: FROM, settled: false }]);
  expect(symbol!.settledByClock(FROM + 80_000)).toEqual([]);
  const settling = quote(1, 63);
  expect('analyses' in settling && settling.analyses).toMatchObject([{ start: FROM, settled: true }]);
});

test("the row of the tick that settles a bar has that bar's indicators, the one before has not", () => {
  const stream = fresh();
  const bars = [10, 70, 130].map((second, n) => {
    const j = Buffer.from(JSON.stringify({ symbol: 'X', ts: FROM / 1_000 + second, price: 5 + n, volume: 1 }));
    const taken = stream.take(idOf(n * 100), { j });
    return 'row' in taken ? (JSON.parse(taken.row.indicators) as { bar: number; close: number } | null) : null;
  });
  expect(bars).toMatchObject([null, { bar: FROM, close: 5 }, { bar: FROM + 60_000, close: 6 }]);
});

test.each`
  a         | b         | order
  ${'1-0'}  | ${'1-0'}  | ${0}
  ${'1-2'}  | ${'1-10'} | ${-1}
  ${'10-0'} | ${'9-99'} | ${1}
`('$a before $b: $order', ({ a, b, order }) => {
  expect(Math.sign(compareIds(a, b))).toBe(order);
});

test('ids and sequence numbers stand in the row to the last digit', () => {
  const j = '{"symbol":"X","ts":1704704400,"price":5,"id":12345678901234567890,"seq":9007199254740993}';
  const taken = fresh().take(idOf(0), { j: Buffer.from(j) });
  const { readings } = 'row' in taken ? taken.row : { readings: '' };
  expect(readings).toContain('"id":"12345678901234567890"');
  expect(readings).toContain('"seq":9007199254740993}');
  expect(JSON.parse(readings)).toHaveProperty('session', 'london');
});
