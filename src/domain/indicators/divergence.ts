import type { Detector } from './detector.ts';
import { type Swing, type SwingState, swings } from './swings.ts';

/** A swing with the momentum at its bar. */
export interface MomentumSwing {
  /** Start of the swing's bar, epoch milliseconds. */
  readonly start: number;
  readonly price: number;
  readonly momentum: number;
}

export interface Divergence {
  readonly kind: 'regular' | 'hidden';
  readonly direction: 'bullish' | 'bearish';
  /** The earlier of the two swings. */
  readonly from: MomentumSwing;
  readonly to: MomentumSwing;
}

export interface DivergenceReading {
  /** What the newest bar has confirmed. */
  readonly event: Divergence | null;
  /** The newest of all so far, this bar's included. */
  readonly last: Divergence | null;
}

export interface DivergenceOptions<Momentum> {
  /** The oscillator that is compared with price. */
  readonly momentum: Detector<Momentum, number | null>;
  /** Bars on each side that confirm a swing. */
  readonly strength?: number;
  /** The most bars from one swing to the next of its kind. */
  readonly within?: number;
  /** The least difference of momentum that counts, in its own units. */
  readonly minMomentum?: number;
}

interface Remembered extends MomentumSwing {
  readonly index: number;
}

export interface DivergenceState<Momentum> {
  readonly swings: SwingState;
  readonly momentum: Momentum;
  /** Momentum at the newest bars, at most strength + 1, oldest first. */
  readonly recent: readonly (number | null)[];
  readonly high: Remembered | null;
  readonly low: Remembered | null;
  readonly event: Divergence | null;
  readonly last: Divergence | null;
}

/**
 * Divergences between price and momentum, after Constance Brown (Technical Analysis for the Trading Professional, 1999) and J. Welles
 * Wilder's use of RSI (New Concepts in Technical Trading Systems, 1978). Two consecutive confirmed swings of one kind are compared,
 * at most `within` bars apart (60), by their prices and by the momentum at the close of their bars:
 *
 * | swings | price  | momentum | reads           |
 * |--------|--------|----------|-----------------|
 * | lows   | lower  | higher   | regular bullish |
 * | lows   | higher | lower    | hidden bullish  |
 * | highs  | higher | lower    | regular bearish |
 * | highs  | lower  | higher   | hidden bearish  |
 *
 * Prices must differ, by however little; momentum by `minMomentum` or more (1: a point of RSI). A divergence is read on the bar that
 * confirms its second swing, `strength` bars (3) after it stood. A swing from before momentum could be told is compared with nothing. Of
 * two on one bar, as an outside bar can give, the regular one is read, or else the one between highs.
 */
export function divergence<Momentum>({
  momentum,
  strength = 3,
  within = 60,
  minMomentum = 1,
}: DivergenceOptions<Momentum>): Detector<DivergenceState<Momentum>, DivergenceReading> {
  const turns = swings(strength);
  return {
    start: () => ({
      swings: turns.start(),
      momentum: momentum.start(),
      recent: [],
      high: null,
      low: null,
      event: null,
      last: null,
    }),
    next: (state, bar) => {
      const swingState = turns.next(state.swings, bar);
      const momentumState = momentum.next(state.momentum, bar);
      const recent = [...state.recent.slice(-strength), withoutMinusZero(momentum.read(momentumState))];
      let { high, low } = state;
      let event: Divergence | null = null;
      for (const swing of turns.read(swingState)) {
        const to = remembered(swing, recent[0] ?? null);
        const from = swing.kind === 'high' ? high : low;
        const found = to && from && to.index - from.index <= within ? compare(swing.kind, from, to, minMomentum) : null;
        if (event === null || (event.kind === 'hidden' && found?.kind === 'regular')) event = found;
        if (swing.kind === 'high') high = to;
        else low = to;
      }
      return { swings: swingState, momentum: momentumState, recent, high, low, event, last: event ?? state.last };
    },
    read: ({ event, last }) => ({ event, last }),
  };
}

// JSON has no -0, which a difference of averages can be.
const withoutMinusZero = (value: number | null): number | null => (value === 0 ? 0 : value);

const remembered = ({ start, price, index }: Swing, momentum: number | null): Remembered | null =>
  momentum === null ? null : { start, price, momentum, index };

function compare(kind: Swing['kind'], from: Remembered, to: Remembered, minMomentum: number): Divergence | null {
  const outwards = kind === 'high' ? 1 : -1;
  const price = outwards * (to.price - from.price);
  const momentum = outwards * (to.momentum - from.momentum);
  if (price === 0 || Math.abs(momentum) < minMomentum || price > 0 === momentum > 0) return null;
  return {
    kind: price > 0 ? 'regular' : 'hidden',
    direction: kind === 'high' ? 'bearish' : 'bullish',
    from: swingOf(from),
    to: swingOf(to),
  };
}

const swingOf = ({ start, price, momentum }: Remembered): MomentumSwing => ({ start, price, momentum });
