export type PatternName = 'gartley' | 'bat' | 'butterfly' | 'crab' | 'ab=cd';

/** From and to, both allowed. */
export type Band = readonly [from: number, to: number];

export interface PatternRatios {
  readonly pattern: PatternName;
  /** AB ÷ XA: how much of XA the leg to B takes back. Null where there is no X. */
  readonly abXa: Band | null;
  /** BC ÷ AB. */
  readonly bcAb: Band;
  /** CD ÷ BC. */
  readonly cdBc: Band;
  /** AD ÷ XA; null where there is no X. */
  readonly adXa: Band | null;
  /** CD ÷ AB, where that defines D. */
  readonly cdAb: Band | null;
}

/**
 * The ratios after Scott M. Carney, Harmonic Trading, volumes 1 and 2 (2010). H. M. Gartley (Profits in the Stock Market, 1935) drew the
 * first of them without ratios; 0.618 and 0.786 are Carney's reading. For the Butterfly others (Pesavento and Jouflas, Trade What You
 * See, 2007) let D go as far as 1.618 of XA; Carney's 1.27 is taken. AB=CD has its three legs alone; C takes back 0.382 to 0.886 of AB, and
 * so CD is 1.13 to 2.618 of BC, its reciprocal.
 */
export const PATTERN_RATIOS: readonly PatternRatios[] = [
  ratios('gartley', [0.618, 0.618], [0.382, 0.886], [1.27, 1.618], [0.786, 0.786]),
  ratios('bat', [0.382, 0.5], [0.382, 0.886], [1.618, 2.618], [0.886, 0.886]),
  ratios('butterfly', [0.786, 0.786], [0.382, 0.886], [1.618, 2.24], [1.27, 1.27]),
  ratios('crab', [0.382, 0.618], [0.382, 0.886], [2.24, 3.618], [1.618, 1.618]),
  { pattern: 'ab=cd', abXa: null, bcAb: [0.382, 0.886], cdBc: [1.13, 2.618], adXa: null, cdAb: [1, 1] },
];

function ratios(pattern: PatternName, abXa: Band, bcAb: Band, cdBc: Band, adXa: Band): PatternRatios {
  return { pattern, abXa, bcAb, cdBc, adXa, cdAb: null };
}
