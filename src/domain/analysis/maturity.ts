import type { ChartReadings } from './chart.ts';
import { type Direction, directionOf } from './direction.ts';
import { shown } from './shown.ts';
import { placeOf, sideOf } from './side-of.ts';

/** A reason that speaks for the direction (value 1), against it (0) or for neither (0.5). */
export interface Factor {
  readonly name: string;
  readonly weight: number;
  readonly value: number;
  readonly reason: string;
}

export interface Maturity {
  readonly maturity_score: number;
  readonly grade: 'A' | 'B' | 'C' | 'D';
  readonly confidence_factors: readonly Factor[];
}

export interface Scored {
  readonly readings: ChartReadings;
  readonly close: number;
  readonly direction: Direction | null;
  readonly longer: Iterable<ChartReadings>;
}

type Rule = (scored: Scored & { readonly direction: Direction }) => Omit<Factor, 'name' | 'weight'> | null;

const GRADES = [
  ['A', 0.8],
  ['B', 0.65],
  ['C', 0.5],
] as const;

const NEUTRAL = 0.5;
const WAY = { '-1': 'down', 0: null, 1: 'up' } as const;

const agrees = (found: string | null | undefined, direction: Direction): number =>
  found === direction ? 1 : found === 'up' || found === 'down' ? 0 : NEUTRAL;

const rules: readonly (readonly [name: string, weight: number, rule: Rule])[] = [
  [
    'trend',
    0.2,
    ({ readings: { trend }, direction }) =>
      trend && {
        value: agrees(trend.direction, direction),
        reason: `moving averages and ADX ${shown(trend.strength)} say ${trend.direction}`,
      },
  ],
  [
    'structure',
    0.2,
    ({ readings: { structure }, direction }) =>
      structure && {
        value: agrees(structure.trend, direction),
        reason: `market structure is ${structure.trend}`,
      },
  ],
  [
    'momentum',
    0.1,
    ({ readings: { macd }, close, direction }) => {
      if (macd === null) return null;
      const side = sideOf(macd.histogram, close);
      return {
        value: agrees(WAY[side], direction),
        reason: `the MACD histogram is ${side === 0 ? 0 : shown(macd.histogram)}`,
      };
    },
  ],
  [
    'rsi',
    0.1,
    ({ readings: { rsi }, direction }) => {
      if (rsi === null) return null;
      // Read for the buyer; a seller reads it upside down.
      const own = direction === 'up' ? rsi : 100 - rsi;
      const value = own > 70 ? 0.3 : own >= 50 ? 1 : own >= 30 ? 0.4 : 0.1;
      return { value, reason: `RSI is ${shown(rsi)}${own > 70 ? ', stretched' : ''}` };
    },
  ],
  [
    'location',
    0.1,
    ({ readings: { location }, direction }) => {
      if (location === null) return null;
      const good = direction === 'up' ? 'discount' : 'premium';
      const value = location.zone === good ? 1 : location.zone === 'equilibrium' ? NEUTRAL : 0;
      return { value, reason: `the close stands in ${location.zone}` };
    },
  ],
  [
    'vwap',
    0.05,
    ({ readings: { vwap }, close, direction }) => {
      if (vwap === null) return null;
      const side = sideOf(close - vwap.vwap, close);
      return { value: agrees(WAY[side], direction), reason: `the close is ${placeOf[side]} VWAP` };
    },
  ],
  [
    'liquidity',
    0.1,
    ({ readings: { liquidity }, direction }) => {
      const sweep = liquidity?.sweeps[0];
      // Without a sweep there is nothing to weigh.
      if (sweep === undefined) return null;
      const against = direction === 'up' ? 'sell' : 'buy';
      return { value: sweep.side === against ? 1 : 0, reason: `${sweep.side}-side liquidity was swept` };
    },
  ],
  [
    'zones',
    0.05,
    ({ readings: { gaps, blocks, atr }, close, direction }) => {
      if ((gaps === null && blocks === null) || atr === null) return null;
      const wanted = direction === 'up' ? 'bullish' : 'bearish';
      const zones = [...(gaps?.open ?? []), ...(blocks?.blocks ?? [])];
      const near = zones.some((z) => z.direction === wanted && close >= z.bottom - atr && close <= z.top + atr);
      return { value: near ? 1 : 0, reason: near ? `a ${wanted} zone is within one ATR` : `no ${wanted} zone is near` };
    },
  ],
  [
    'wyckoff',
    0.1,
    ({ readings: { wyckoff }, direction }) => {
      if (wyckoff === null || wyckoff.schematic === 'none') return null;
      const rising = wyckoff.schematic === 'accumulation' || wyckoff.schematic === 'markup';
      return { value: rising === (direction === 'up') ? 1 : 0, reason: `Wyckoff reads ${wyckoff.schematic}` };
    },
  ],
  [
    'divergence',
    0.05,
    ({ readings: { divergence }, direction }) => {
      if (divergence?.event == null) return null;
      const { kind, direction: way } = divergence.event;
      return {
        value: (way === 'bullish') === (direction === 'up') ? 1 : 0,
        reason: `a ${kind} ${way} divergence of RSI was confirmed`,
      };
    },
  ],
  [
    'longer_timeframes',
    0.1,
    ({ longer, direction }) => {
      const known = [...longer].map(directionOf).filter((found) => found !== null);
      if (known.length === 0) return null;
      const same = known.filter((found) => found === direction).length;
      return { value: same / known.length, reason: `${same} of ${known.length} longer timeframes point ${direction}` };
    },
  ],
];

/** Of all rules, half: from so much weight on, a score is a mean of what was said. */
const ENOUGH = rules.reduce((sum, [, weight]) => sum + weight, 0) / 2;

/**
 * How far the case for a direction is made: the mean, by weight, of the factors that speak for or against it. What speaks for neither (a
 * sideways trend, a structure that is undefined) is named and not counted. Where those that speak have less than half the weight of all
 * rules, the mean is scaled by their share of that half: a chart of a few minutes has no good grade. 0 where no direction stands out.
 */
export function maturity(scored: Scored): Maturity {
  const { direction } = scored;
  if (direction === null)
    return {
      maturity_score: 0,
      grade: 'D',
      confidence_factors: [
        { name: 'direction', weight: 1, value: 0, reason: 'trend, structure, momentum and VWAP name no direction' },
      ],
    };
  const factors = rules.flatMap(([name, weight, rule]) => {
    const found = rule({ ...scored, direction });
    return found === null ? [] : [{ name, weight, ...found }];
  });
  const speaking = factors.filter(({ value }) => value !== NEUTRAL);
  const weight = speaking.reduce((sum, factor) => sum + factor.weight, 0);
  const score = speaking.reduce((sum, factor) => sum + factor.weight * factor.value, 0) / Math.max(weight, ENOUGH);
  const grade = GRADES.find(([, from]) => score >= from)?.[0] ?? 'D';
  return { maturity_score: Math.round(score * 1_000) / 1_000, grade, confidence_factors: factors };
}
