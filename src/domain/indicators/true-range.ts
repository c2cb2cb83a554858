import type { PriceBar } from './detector.ts';

/** How far the price went since the close before, in units of price. Welles Wilder, 1978; TA-Lib's TA_TRANGE. */
export const trueRange = ({ high, low }: Pick<PriceBar, 'high' | 'low'>, closeBefore: number): number =>
  Math.max(high - low, Math.abs(high - closeBefore), Math.abs(low - closeBefore));
