import type { Swing } from '../swings.ts';
import { type Band, PATTERN_RATIOS, type PatternName, type PatternRatios } from './pattern-ratios.ts';

export interface Point {
  /** Start of the bar, epoch milliseconds. */
  readonly start: number;
  readonly price: number;
}

/** A pattern whose C is confirmed and whose D is awaited. */
export interface Candidate {
  readonly pattern: PatternName;
  readonly direction: 'bullish' | 'bearish';
  /** Null for AB=CD. */
  readonly x: Point | null;
  readonly a: Point;
  readonly b: Point;
  readonly c: Point;
  /** Number of C's bar. */
  readonly index: number;
  readonly prz: { readonly low: number; readonly high: number };
}

/** The patterns that X, A, B and C may become. */
export function candidatesOf(pivots: readonly Swing[], tolerance: number): Candidate[] {
  const [x = null, a, b, c] = pivots.length === 3 ? [null, ...pivots] : pivots;
  if (!a || !b || !c) return [];
  return PATTERN_RATIOS.flatMap((ratios) => {
    const prz = zoneOf(ratios, x, a, b, c, tolerance);
    if (prz === null) return [];
    const candidate: Candidate = {
      pattern: ratios.pattern,
      direction: c.kind === 'high' ? 'bullish' : 'bearish',
      x: ratios.abXa === null || x === null ? null : pointOf(x),
      a: pointOf(a),
      b: pointOf(b),
      c: pointOf(c),
      index: c.index,
      prz,
    };
    return [candidate];
  });
}

/** The potential reversal zone: the prices of D that keep every ratio. Null where X, A, B and C are no such pattern, or no D keeps all. */
function zoneOf(
  { abXa, bcAb, cdBc, adXa, cdAb }: PatternRatios,
  x: Swing | null,
  a: Swing,
  b: Swing,
  c: Swing,
  tolerance: number,
): Candidate['prz'] | null {
  const up = c.kind === 'high' ? 1 : -1;
  const ab = up * (a.price - b.price);
  const bc = up * (c.price - b.price);
  const within = (ratio: number, [from, to]: Band) => ratio >= from * (1 - tolerance) && ratio <= to * (1 + tolerance);
  if (!within(bc / ab, bcAb)) return null;
  // How far below C (above it, in a bearish pattern) each projection lets D be.
  const legs: Band[] = [scaled(cdBc, bc, tolerance)];
  if (cdAb !== null) legs.push(scaled(cdAb, ab, tolerance));
  if (abXa !== null && adXa !== null) {
    if (x === null) return null;
    const xa = up * (a.price - x.price);
    if (!within(ab / xa, abXa)) return null;
    const [from, to] = scaled(adXa, xa, tolerance);
    const ac = up * (a.price - c.price);
    legs.push([from - ac, to - ac]);
  }
  const near = Math.max(...legs.map(([from]) => from));
  const far = Math.min(...legs.map(([, to]) => to));
  // Also where highs stand below lows: then legs are negative, and each band is upside down.
  if (near > far) return null;
  return up > 0
    ? { low: withoutMinusZero(c.price - far), high: withoutMinusZero(c.price - near) }
    : { low: withoutMinusZero(c.price + near), high: withoutMinusZero(c.price + far) };
}

const scaled = ([from, to]: Band, leg: number, tolerance: number): Band => [
  from * (1 - tolerance) * leg,
  to * (1 + tolerance) * leg,
];

const withoutMinusZero = (price: number): number => (price === 0 ? 0 : price);

const pointOf = ({ start, price }: Swing): Point => ({ start, price });
