import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { tickSet } from '../../../test/support/tick-sets.ts';
import { seededRandom } from '../../adapters/random/seeded.ts';
import { parseReferenceBar } from '../parity/reference-bars.ts';
import { type Detector, type PriceBar, readings } from './detector.ts';
import { divergence } from './divergence.ts';
import { harmonic } from './harmonic/harmonic.ts';
import { zigzag } from './harmonic/zigzag.ts';
import { wyckoff } from './wyckoff/wyckoff.ts';

/** Wilder's RSI of 14 closes, 50 before the first fourteen. */
const rsi: Detector<{ close: number | null; up: number; down: number; count: number }, number | null> = {
  start: () => ({ close: null, up: 0, down: 0, count: 0 }),
  next: ({ close: before, up, down, count }, { close }) => {
    const change = before === null ? 0 : close - before;
    const weight = 1 / Math.min(14, count + 1);
    return {
      close,
      up: up + (Math.max(change, 0) - up) * weight,
      down: down + (Math.max(0 - change, 0) - down) * weight,
      count: Math.min(count + 1, 14),
    };
  },
  read: ({ up, down, count }) => (count < 14 ? null : up + down === 0 ? 50 : (100 * up) / (up + down)),
};

/** A walk with tides, bursts of spread and volume, and prices on a grid, so that highs and lows are often equal. */
function walk(seed: string, count: number): PriceBar[] {
  const random = seededRandom(seed);
  let close = 0;
  let drift = 0;
  return Array.from({ length: count }, (_, i) => {
    if (random.int(40) === 0) drift = random.normal();
    const burst = random.int(25) === 0 ? 4 : 1;
    const open = close;
    close = Math.round(open + drift + 2 * burst * random.normal()) + 0; // never -0, which JSON has not
    const high = Math.max(open, close) + random.int(1 + 2 * burst);
    const low = Math.min(open, close) - random.int(1 + 2 * burst);
    return { start: i * 60_000, open, high, low, close, volume: random.int(100) * burst };
  });
}

const eurusd = (): PriceBar[] =>
  gunzipSync(readFileSync(tickSet('EURUSD.oanda.2014-05').bars))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { start, open, high, low, close, n } = parseReferenceBar(line)!;
      return { start, open, high, low, close, volume: n! };
    });

interface Subject {
  readonly name: string;
  readonly replay: (bars: readonly PriceBar[], at: readonly number[]) => void;
  /** What the tape shows, counted by name. */
  readonly tally: (bars: readonly PriceBar[]) => Record<string, number>;
}

function subject<State, Reading>(
  name: string,
  detector: Detector<State, Reading>,
  shows: (reading: Reading) => readonly string[],
): Subject {
  return {
    name,
    replay: (bars, at) => expectSettled(detector, bars, at),
    tally: (bars) => {
      const counts: Record<string, number> = {};
      for (const what of readings(detector, bars).flatMap(shows)) counts[what] = (counts[what] ?? 0) + 1;
      return counts;
    },
  };
}

const subjects = [
  subject('wyckoff', wyckoff(), ({ event, phase }) => [...(event ? [event.code] : []), ...(phase ? [phase] : [])]),
  subject('divergence', divergence({ momentum: rsi }), ({ event }) =>
    event ? [`${event.kind} ${event.direction}`] : [],
  ),
  subject('harmonic', harmonic(), ({ completed }) => completed.map((each) => `${each.direction} ${each.pattern}`)),
  subject('zigzag', zigzag(3), () => []),
];

/** Whatever is cut off, put away or read twice at the given bars changes no reading; states are plain JSON, bounded, and left alone. */
function expectSettled<State, Reading>(
  detector: Detector<State, Reading>,
  bars: readonly PriceBar[],
  at: readonly number[],
): void {
  const whole = readings(detector, bars).map((reading) => JSON.stringify(reading));
  for (const cut of at) {
    const prefix = readings(detector, bars.slice(0, cut)).map((reading) => JSON.stringify(reading));
    expect(prefix).toEqual(whole.slice(0, cut));
  }
  let state = detector.start();
  bars.forEach((bar, i) => {
    if (at.includes(i)) {
      const saved = JSON.stringify(state);
      const restored: State = JSON.parse(saved);
      expect(restored).toStrictEqual(state);
      expect(saved.length).toBeLessThan(12_000);
      detector.next(deeplyFrozen(state), bar);
      expect(JSON.stringify(state)).toBe(saved);
      state = restored;
    }
    state = detector.next(state, bar);
    if (JSON.stringify(detector.read(state)) !== whole[i]) expect.fail(`another reading after bar ${i}`);
  });
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deeplyFrozen(part);
  }
  return value;
}

const places = (seed: string, below: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.int(below));
};

test.each(subjects)('$name reads the same whatever is cut off or restored, on random bars', ({ replay }) => {
  for (const seed of ['a', 'b', 'c', 'd']) replay(walk(seed, 1_000), [0, 1, 49, 50, 51, ...places(seed, 1_000, 15)]);
});

test.each(subjects)('$name reads the same on one price forever, without volume', ({ replay }) => {
  const still = walk('still', 200).map((bar) => ({ ...bar, open: 0, high: 0, low: 0, close: 0, volume: 0 }));
  replay(still, [1, 50, 100, 199]);
});

await describeWith('on EURUSD, a month of minutes', { ticks: true }, () => {
  const bars = eurusd();
  test.each(subjects)('$name reads the same whatever is cut off or restored', ({ name, replay }) => {
    replay(bars, places(name, bars.length, 6));
  });

  test('every divergence and pattern occurs, and nearly every event of Wyckoff', () => {
    const [phases, divergences, patterns] = subjects.map(({ tally }) => Object.keys(tally(bars)).sort());
    const sides = (kinds: readonly string[], name: (kind: string, direction: string) => string) =>
      kinds.flatMap((kind) => ['bullish', 'bearish'].map((direction) => name(kind, direction))).sort();
    expect(divergences).toEqual(sides(['regular', 'hidden'], (kind, direction) => `${kind} ${direction}`));
    expect(patterns).toEqual(
      sides(['gartley', 'bat', 'butterfly', 'crab', 'ab=cd'], (kind, direction) => `${direction} ${kind}`),
    );
    expect(phases).toEqual(
      expect.arrayContaining(['A', 'B', 'C', 'D', 'E', 'PS', 'SC', 'AR', 'ST', 'SPRING', 'TEST', 'SOS', 'LPS']),
    );
    expect(phases).toEqual(expect.arrayContaining(['PSY', 'BC', 'UT', 'UTAD', 'SOW']));
  });
});
