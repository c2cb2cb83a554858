import type { PriceBar } from './detector.ts';

type Candle = Pick<PriceBar, 'start' | 'high' | 'low'>;

/** Where a move began. */
export interface Origin {
  /** Its lowest low, for a move up; its highest high, for a move down. */
  readonly extreme: number;
  /** The last opposing candle no later than the bar of the extreme. */
  readonly candle: Candle | null;
}

/** A move since a swing that it may yet break. */
export interface Leg extends Origin {
  /** The last opposing candle so far. */
  readonly opposing: Candle | null;
}

/** The move over the bars since its swing, of which there is at least one. */
export function legOf(direction: 'up' | 'down', bars: readonly PriceBar[]): Leg | null {
  let leg: Leg | null = null;
  for (const bar of bars) leg = traced(leg, direction, bar);
  return leg;
}

/** The move with a bar more. */
export function traced(leg: Leg | null, direction: 'up' | 'down', bar: PriceBar): Leg {
  const opposes = direction === 'up' ? bar.close < bar.open : bar.close > bar.open;
  const opposing = opposes ? { start: bar.start, high: bar.high, low: bar.low } : (leg?.opposing ?? null);
  const reach = direction === 'up' ? bar.low : bar.high;
  if (leg === null || reaches(leg.extreme, direction, reach)) return { extreme: reach, candle: opposing, opposing };
  return opposes ? { ...leg, opposing } : leg;
}

/** Where the move began that ends in `bar`, which counts for the extreme but not as a candle. */
export function originOf({ extreme, candle, opposing }: Leg, direction: 'up' | 'down', bar: PriceBar): Origin {
  const reach = direction === 'up' ? bar.low : bar.high;
  return reaches(extreme, direction, reach) ? { extreme: reach, candle: opposing } : { extreme, candle };
}

const reaches = (extreme: number, direction: 'up' | 'down', reach: number): boolean =>
  direction === 'up' ? reach <= extreme : reach >= extreme;
