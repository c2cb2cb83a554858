import type { ChartReadings } from './chart.ts';
import { sideOf } from './side-of.ts';

export type Direction = 'up' | 'down';

/** Where one chart points: its trend where it has one, else its market structure; null where neither says. */
export function directionOf({ trend, structure }: ChartReadings): Direction | null {
  if (trend !== null && trend.direction !== 'sideways') return trend.direction;
  return structure === null || structure.trend === 'undefined' ? null : structure.trend;
}

/**
 * Where this bar leans: the sum of votes, +1 for up and −1 for down: trend and market structure count twice, the MACD histogram and the
 * close against VWAP once. Null where they cancel out, or say nothing.
 */
export function leaning(readings: ChartReadings, close: number): Direction | null {
  const { trend, structure, macd, vwap } = readings;
  const vote = (direction: string | undefined): number => (direction === 'up' ? 1 : direction === 'down' ? -1 : 0);
  const sum =
    2 * vote(trend?.direction) +
    2 * vote(structure?.trend) +
    sideOf(macd?.histogram ?? 0, close) +
    (vwap === null ? 0 : sideOf(close - vwap.vwap, close));
  return sum === 0 ? null : sum > 0 ? 'up' : 'down';
}

export interface Conflict {
  readonly is_conflict: boolean;
  /** Where most of the longer timeframes point. */
  readonly direction?: Direction;
  /** The share of them, of those that point anywhere. */
  readonly confidence?: number;
}

/** Whether the longer timeframes point against `own`: more of them against it than with it. */
export function conflictWith(own: Direction | null, longer: Iterable<ChartReadings>): Conflict {
  let up = 0;
  let down = 0;
  for (const readings of longer) {
    const direction = directionOf(readings);
    if (direction === 'up') up += 1;
    if (direction === 'down') down += 1;
  }
  if (up === down) return { is_conflict: false };
  const direction = up > down ? 'up' : 'down';
  return {
    is_conflict: own !== null && own !== direction,
    direction,
    confidence: Math.max(up, down) / (up + down),
  };
}
