import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { type Detector, type PriceBar, readings } from '../../src/domain/indicators/detector.ts';

export interface NoRepaintOptions {
  /** Values that a state may hold in all: numbers, texts, booleans and nulls. */
  readonly stateValues?: number;
}

/** Random places at which a tape is cut and a state is put away and fetched. */
const CUTS = 8;
/** A tape is played over and over until it has at least so many bars, for the size of the state. */
const LONG = 5_000;

/**
 * Expects what every detector owes, bit for bit: a batch reads what a stream reads, a part of the tape what stands in the whole, a state that
 * went through JSON goes on as the original; states are plain JSON, never changed once given, and no larger for a longer tape.
 */
export function expectNoRepaint<State, Reading>(
  name: string,
  detector: Detector<State, Reading>,
  bars: readonly PriceBar[],
  { stateValues = 512 }: NoRepaintOptions = {},
): void {
  const whole = readings(detector, bars);
  const { states, streamed } = stream(detector, bars);
  expectSame(`${name}: a stream reads what a batch reads`, streamed, whole);
  for (const at of cuts(name, bars.length)) {
    expectSame(`${name}: the first ${at} bars alone`, readings(detector, bars.slice(0, at)), whole.slice(0, at));
    expectSame(`${name}: restored after ${at} bars`, resume(detector, states[at]!, bars.slice(at)), whole.slice(at));
  }
  expectBounded(name, detector, bars, stateValues);
}

/** Plays the bars one by one, every state and bar frozen, and asks twice. `states[n]` is the one after n bars. */
function stream<State, Reading>(detector: Detector<State, Reading>, bars: readonly PriceBar[]) {
  const states = [freeze(detector.start())];
  const streamed = bars.map((bar, i) => {
    const state = freeze(detector.next(states[i]!, freeze(bar)));
    states.push(state);
    detector.read(state);
    return detector.read(state);
  });
  return { states, streamed };
}

/** Goes on from the state as JSON keeps it, with a stranger's chart read in between, so that only the state can tell them apart. */
function resume<State, Reading>(detector: Detector<State, Reading>, kept: State, rest: readonly PriceBar[]): Reading[] {
  let state: State = JSON.parse(JSON.stringify(kept));
  expectSame('a state is plain JSON', state, kept);
  let stranger = detector.start();
  return rest.map((bar) => {
    stranger = detector.next(stranger, bar);
    detector.read(stranger);
    state = detector.next(state, bar);
    return detector.read(state);
  });
}

function expectBounded<State>(
  name: string,
  detector: Detector<State, unknown>,
  bars: readonly PriceBar[],
  limit: number,
): void {
  const lap = bars.at(-1)!.start - bars[0]!.start + 60_000;
  let state = detector.start();
  for (let i = 0; i < Math.max(LONG, bars.length); i += 1) {
    const bar = bars[i % bars.length]!;
    state = detector.next(state, { ...bar, start: bar.start + Math.floor(i / bars.length) * lap });
    if (i % 97 !== 0) continue;
    const held = values(state);
    if (held > limit) expect.fail(`${name}: after ${i + 1} bars the state holds ${held} values, more than ${limit}`);
  }
}

const cuts = (seed: string, length: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: CUTS }, () => Math.floor(random.next() * length));
};

/** Finds that -0 is not 0, and that an absent field is not one that is undefined. Vitest's own comparison only words the failure. */
function expectSame(what: string, ours: unknown, expected: unknown): void {
  if (isDeepStrictEqual(ours, expected)) return;
  if (Array.isArray(ours) && Array.isArray(expected)) {
    const at = expected.findIndex((each, i) => !isDeepStrictEqual(ours[i], each));
    if (at >= 0) expect(ours[at], `${what}, reading ${at}`).toStrictEqual(expected[at]);
  }
  expect(ours, what).toStrictEqual(expected);
  expect.fail(what);
}

function freeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
}

function values(state: unknown): number {
  if (state === null || typeof state !== 'object') return 1;
  return Object.values(state).reduce((sum: number, each) => sum + values(each), 0);
}
