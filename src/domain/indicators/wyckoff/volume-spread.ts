import type { PriceBar } from '../detector.ts';

/** What is usual: the mean and the population standard deviation. */
export interface Usual {
  readonly mean: number;
  readonly deviation: number;
}

/** The bars before the one that is judged. */
export interface Activity {
  /** High − low, as Wyckoff calls it. */
  readonly spread: Usual;
  readonly volume: Usual;
  readonly highest: number;
  readonly lowest: number;
  /** Closes of the oldest and of the newest. */
  readonly from: number;
  readonly to: number;
}

export function activityOf(bars: readonly PriceBar[]): Activity {
  let highest = -Infinity;
  let lowest = Infinity;
  let spreads = 0;
  let volumes = 0;
  for (const { high, low, volume } of bars) {
    if (high > highest) highest = high;
    if (low < lowest) lowest = low;
    spreads += high - low;
    volumes += volume;
  }
  const spread = spreads / bars.length;
  const volume = volumes / bars.length;
  // From the differences: the difference of sums of squares loses all digits where bars hardly differ.
  let spreadSquares = 0;
  let volumeSquares = 0;
  for (const bar of bars) {
    spreadSquares += (bar.high - bar.low - spread) ** 2;
    volumeSquares += (bar.volume - volume) ** 2;
  }
  return {
    spread: { mean: spread, deviation: Math.sqrt(spreadSquares / bars.length) },
    volume: { mean: volume, deviation: Math.sqrt(volumeSquares / bars.length) },
    highest,
    lowest,
    from: bars[0]!.close,
    to: bars.at(-1)!.close,
  };
}

/**
 * Whether a value stands `deviations` above what is usual. A deviation counts as a quarter of the mean at least, for on an even tape anything
 * would be extraordinary; and nothing stands out where the mean is 0: a tape without volume has no climax.
 */
export const standsOut = (value: number, { mean, deviation }: Usual, deviations: number): boolean =>
  mean > 0 && value >= mean + deviations * Math.max(deviation, mean / 4);

/** Where the bar closes in its spread: 0 at the low, 1 at the high; the middle of a bar without spread. */
export const closePosition = ({ high, low, close }: PriceBar): number =>
  high === low ? 0.5 : (close - low) / (high - low);
