import type { Detector, PriceBar } from '../detector.ts';
import type { Swing } from '../swings.ts';
import { type Candidate, candidatesOf, type Point } from './candidate.ts';
import type { PatternName } from './pattern-ratios.ts';
import { type ZigzagState, zigzag } from './zigzag.ts';

/** Legs as parts of one another; `x` is null for AB=CD, and so are the two that need it. */
export interface LegRatios {
  readonly ab_xa: number | null;
  readonly bc_ab: number;
  readonly cd_bc: number;
  readonly cd_ab: number;
  readonly ad_xa: number | null;
}

export interface FormingPattern {
  readonly pattern: PatternName;
  readonly direction: 'bullish' | 'bearish';
  readonly points: { readonly x: Point | null; readonly a: Point; readonly b: Point; readonly c: Point };
  /** Where D is expected: the potential reversal zone. */
  readonly prz: { readonly low: number; readonly high: number };
}

export interface CompletedPattern extends FormingPattern {
  readonly points: FormingPattern['points'] & { readonly d: Point };
  readonly ratios: LegRatios;
}

export interface HarmonicReading {
  /** What the newest bar has confirmed. */
  readonly completed: readonly CompletedPattern[];
  /** What awaits its D, oldest C first; at most four. */
  readonly forming: readonly FormingPattern[];
}

export interface HarmonicOptions {
  /** Bars on each side that confirm a swing. */
  readonly strength?: number;
  /** How far a ratio may be off, as a part of the ratio. */
  readonly tolerance?: number;
  /** The most bars from C to D. */
  readonly within?: number;
}

export interface HarmonicState {
  readonly zigzag: ZigzagState;
  readonly candidates: readonly Candidate[];
  readonly completed: readonly CompletedPattern[];
}

/** Patterns that form at the same time; one C starts at most three. */
const FORMING = 4;

/**
 * Harmonic patterns: Gartley, Bat, Butterfly, Crab and AB=CD, bullish and bearish, by the ratios of `PATTERN_RATIOS` (Scott M. Carney,
 * Harmonic Trading, volumes 1 and 2, 2010), each allowed to be off by `tolerance` (0.05: five per cent of the ratio).
 *
 * X, A, B and C are consecutive pivots of the zigzag over swings of `strength` bars (3). With C confirmed a pattern forms: its potential
 * reversal zone is where the projections of XA and BC (of AB and BC for AB=CD) overlap. It is completed by a swing in that zone which is the
 * extreme since C, on the bar that confirms it; the line from C to D may have smaller swings. It is given up when
 *   - a bar trades beyond the far side of the zone, for no later D can be both the extreme and in the zone; that side lies before X for
 *     Gartley and Bat, and at 1.27 or 1.618 of XA and the tolerance for Butterfly and Crab, so that a close beyond those ends it too;
 *   - a bar trades beyond C, which then is no turning point;
 *   - D has not come `within` bars (120) of C;
 *   - it is the oldest of more than four.
 *
 * Never repainted: what was completed rests on swings that were confirmed then. A more extreme swing later starts anew with other points.
 */
export function harmonic({
  strength = 3,
  tolerance = 0.05,
  within = 120,
}: HarmonicOptions = {}): Detector<HarmonicState, HarmonicReading> {
  const line = zigzag(strength);
  return {
    start: () => ({ zigzag: line.start(), candidates: [], completed: [] }),
    next: (state, bar) => {
      const zigzagState = line.next(state.zigzag, bar);
      const { window, count } = zigzagState.swings;
      const turned = zigzagState.pivots.slice(zigzagState.pivots.length - zigzagState.fresh);
      let candidates = state.candidates.filter((each) => each.index >= count - 1 - within && standsAfter(each, bar));
      const completed: CompletedPattern[] = [];
      for (const d of turned) {
        const done = candidates.filter((each) => isCompletedBy(each, d));
        completed.push(...done.map((each) => completedBy(each, d)));
        if (done.length > 0) candidates = candidates.filter((each) => !done.includes(each));
      }
      if (turned.length > 0) {
        const sinceC = window.slice(strength + 1);
        const fresh = candidatesOf(zigzagState.pivots, tolerance);
        const standing = fresh.filter((each) => sinceC.every((later) => standsAfter(each, later)));
        candidates = [...candidates, ...standing].slice(-FORMING);
      }
      return { zigzag: zigzagState, candidates, completed };
    },
    read: ({ candidates, completed }) => ({ completed, forming: candidates.map(formingOf) }),
  };
}

/** Whether a bar after C leaves the pattern possible: neither beyond C nor beyond the far side of its zone. */
const standsAfter = ({ direction, prz, c }: Candidate, { high, low }: PriceBar): boolean =>
  direction === 'bullish' ? low >= prz.low && high <= c.price : high <= prz.high && low >= c.price;

// The first low that enters the zone is the lowest since C, or a lower one would have completed the pattern before.
const isCompletedBy = ({ direction, prz }: Candidate, d: Swing): boolean =>
  (d.kind === 'low') === (direction === 'bullish') && d.price >= prz.low && d.price <= prz.high;

function completedBy(candidate: Candidate, { start, price }: Swing): CompletedPattern {
  const { x, a, b, c } = candidate;
  const leg = (from: Point, to: { readonly price: number }) => Math.abs(to.price - from.price);
  const d = { start, price };
  const forming = formingOf(candidate);
  const ratios = {
    ab_xa: x && leg(a, b) / leg(x, a),
    bc_ab: leg(b, c) / leg(a, b),
    cd_bc: leg(c, d) / leg(b, c),
    cd_ab: leg(c, d) / leg(a, b),
    ad_xa: x && leg(a, d) / leg(x, a),
  };
  return { ...forming, points: { ...forming.points, d }, ratios };
}

const formingOf = ({ pattern, direction, x, a, b, c, prz }: Candidate): FormingPattern => ({
  pattern,
  direction,
  points: { x, a, b, c },
  prz,
});
