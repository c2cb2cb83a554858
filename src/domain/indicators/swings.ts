import type { Detector, PriceBar } from './detector.ts';

/** A turning point of the chart that later bars have confirmed. */
export interface Swing {
  readonly kind: 'high' | 'low';
  readonly price: number;
  /** Start of its bar, epoch milliseconds. */
  readonly start: number;
  /** Its bar's number, counted from 0 at the first bar. */
  readonly index: number;
}

export interface SwingState {
  /** The newest bars, at most 2 × strength + 1. */
  readonly window: readonly PriceBar[];
  /** Bars so far. */
  readonly count: number;
}

/**
 * Swing highs and lows after Bill Williams' fractals (Trading Chaos, 1995), with `strength` bars on each side: a swing high is a bar whose
 * high is above the highs of the `strength` bars before it and not below those of the `strength` bars after it, so that of equal highs the
 * first one counts; a swing low likewise. Reads the swings that the newest bar has confirmed, `strength` bars after they stood: at most one
 * of each kind, the high first. Nothing is read earlier, and so nothing is ever taken back.
 */
export const swings = (strength: number): Detector<SwingState, readonly Swing[]> => ({
  start: () => ({ window: [], count: 0 }),
  next: ({ window, count }, bar) => ({
    window: window.length === 2 * strength + 1 ? [...window.slice(1), bar] : [...window, bar],
    count: count + 1,
  }),
  read: ({ window, count }) => {
    const middle = window[strength];
    if (window.length < 2 * strength + 1 || middle === undefined) return [];
    const { start } = middle;
    const index = count - 1 - strength;
    const found: Swing[] = [];
    if (turns(window, strength, ({ high }) => high)) found.push({ kind: 'high', price: middle.high, start, index });
    if (turns(window, strength, ({ low }) => -low)) found.push({ kind: 'low', price: middle.low, start, index });
    return found;
  },
});

function turns(window: readonly PriceBar[], middle: number, height: (bar: PriceBar) => number): boolean {
  const top = height(window[middle]!);
  return window.every((bar, i) => i === middle || (i < middle ? height(bar) < top : height(bar) <= top));
}
