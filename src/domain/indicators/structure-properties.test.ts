import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { tickSet } from '../../../test/support/tick-sets.ts';
import { seededRandom } from '../../adapters/random/seeded.ts';
import { type Detector, type PriceBar, readings } from './detector.ts';
import { fairValueGaps } from './fair-value-gaps.ts';
import { liquidity } from './liquidity.ts';
import { marketStructure } from './market-structure.ts';
import { orderBlocks } from './order-blocks.ts';
import { premiumDiscount } from './premium-discount.ts';

const MINUTE = 60_000;
/** Text of a state, however long the tape. */
const MOST_CHARACTERS = 16_384;

const detectors: Readonly<Record<string, Detector<unknown, unknown>>> = {
  'market structure': marketStructure() as Detector<unknown, unknown>,
  'fair value gaps': fairValueGaps() as Detector<unknown, unknown>,
  'order blocks': orderBlocks() as Detector<unknown, unknown>,
  liquidity: liquidity() as Detector<unknown, unknown>,
  'liquidity of fx sessions': liquidity({ calendar: 'fx', strength: 1 }) as Detector<unknown, unknown>,
  'premium and discount': premiumDiscount() as Detector<unknown, unknown>,
};

/** A random walk in ticks of 0.01, with gaps, flat bars, equal extremes, missing minutes and prices about zero. */
function walk(seed: number, bars: number): PriceBar[] {
  const random = seededRandom(`structure ${seed}`);
  const price = (ticks: number) => ticks / 100;
  let start = Date.UTC(2024, 0, 5, 9);
  let close = seed % 2 === 0 ? 10_000 : 20;
  return Array.from({ length: bars }, () => {
    start += MINUTE * (random.int(200) === 0 ? 600 : 1);
    const open = close + (random.int(10) === 0 ? random.int(15) - 7 : 0);
    close = open + (random.int(8) === 0 ? 0 : Math.round(random.normal() * 6));
    const high = Math.max(open, close) + (random.int(3) === 0 ? 0 : random.int(5));
    const low = Math.min(open, close) - (random.int(3) === 0 ? 0 : random.int(5));
    return { start, open: price(open), high: price(high), low: price(low), close: price(close), volume: 100 };
  });
}

/** A value of plain JSON comes back the same, with -0, NaN, infinities and undefined told apart. */
const plain = (value: unknown) => expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);

/** Reads the bars one by one, restoring the state from text at every bar of `restoreAt`. */
function restored(
  detector: Detector<unknown, unknown>,
  bars: readonly PriceBar[],
  restoreAt: (bar: number) => boolean,
) {
  let state = detector.start();
  return bars.map((bar, at) => {
    if (restoreAt(at)) state = JSON.parse(JSON.stringify(state));
    state = detector.next(state, bar);
    return detector.read(state);
  });
}

const frozen = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
};

test.each(
  Object.entries(detectors),
)('%s: a prefix reads as the whole did, a restored state goes on alike', (_, detector) => {
  for (let seed = 0; seed < 8; seed += 1) {
    const bars = walk(seed, 500);
    const random = seededRandom(seed);
    const whole = readings(detector, bars);
    const cut = 1 + random.int(bars.length - 1);
    expect(readings(detector, bars.slice(0, cut))).toStrictEqual(whole.slice(0, cut));
    expect(restored(detector, bars, () => random.int(20) === 0)).toStrictEqual(whole);
  }
});

test.each(
  Object.entries(detectors),
)('%s: a state is plain JSON, changes nothing it was given, and does not grow', (_, detector) => {
  for (const seed of [1, 2]) {
    let state = frozen(detector.start());
    for (const [at, bar] of walk(seed, 2_000).entries()) {
      state = frozen(detector.next(state, frozen(bar)));
      frozen(detector.read(state));
      if (at % 10 !== 0) continue;
      plain(state);
      expect(JSON.stringify(state).length).toBeLessThan(MOST_CHARACTERS);
    }
    plain(detector.read(state));
  }
});

await describeWith('on the bars of EURUSD.oanda', { ticks: true }, () => {
  const recorded = (): PriceBar[] =>
    gunzipSync(readFileSync(tickSet('EURUSD.oanda.2014-05').bars))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ ts, o, h, l, c, v, n }) => ({
        start: ts * 1000,
        open: o,
        high: h,
        low: l,
        close: c,
        volume: Number(v ?? n),
      }));

  test.each(
    Object.entries(detectors),
  )('%s: restored at every 97th bar it reads the same, and so do prefixes', (_, detector) => {
    const bars = recorded();
    const whole = readings(detector, bars);
    const text = whole.map((reading) => JSON.stringify(reading));
    expect(restored(detector, bars, (at) => at % 97 === 0).map((each) => JSON.stringify(each))).toEqual(text);
    for (const cut of [1, 100, 1_234, 7_000]) {
      const prefix = readings(detector, bars.slice(0, cut)).map((each) => JSON.stringify(each));
      expect(prefix).toEqual(text.slice(0, cut));
    }
    // What was handed out is what it was when it was handed out.
    expect(whole.map((reading) => JSON.stringify(reading))).toEqual(text);
  });
});
