import type { PriceBar } from '../detector.ts';
import type { Role, Side } from './side.ts';
import type { Activity } from './volume-spread.ts';

export type Phase = 'A' | 'B' | 'C' | 'D' | 'E';

/** A trading range, from its climax to its end. Every price is as an accumulation sees it: see `facing`. */
export interface TradingRange {
  readonly side: Side;
  readonly phase: Phase;
  readonly climax: { readonly start: number; readonly at: number; readonly volume: number; readonly spread: number };
  /** Mean spread of the bars before the climax. */
  readonly unit: number;
  /** Low of the climax, or of a bar that went below it before the reaction. */
  readonly low: number;
  /** The highest since the climax; the top of the range once the reaction is confirmed. */
  readonly high: number;
  readonly highStart: number;
  readonly highAt: number;
  /** Number of the bar that confirmed the reaction, and with it the range's bounds; null before. */
  readonly boundAt: number | null;
  /** Below the range, for so many bars now. */
  readonly excursion: Excursion | null;
  readonly spring: {
    readonly low: number;
    readonly volume: number;
    readonly tested: boolean;
  } | null;
  /** The sign of strength and the highest price since. */
  readonly sign: { readonly at: number; readonly peak: number } | null;
  /** Whether a last point of support followed the sign of strength. */
  readonly supported: boolean;
}

export interface Excursion {
  readonly bars: number;
  readonly low: number;
  readonly start: number;
  /** The greatest of its bars. */
  readonly volume: number;
}

/** What a step of the range looks at, as an accumulation sees it. */
export interface Seen {
  readonly bar: PriceBar;
  /** The bar's number, counted from 0 at the first bar. */
  readonly at: number;
  /** The bars before it. */
  readonly activity: Activity;
  /** Bar of the swing low that this bar has confirmed, and its number. */
  readonly turn: { readonly bar: PriceBar; readonly at: number } | null;
}

/** An event before its name: `price` as an accumulation sees it. */
export interface Happening {
  readonly role: Role;
  readonly start: number;
  readonly price: number;
}

/** The range after a bar, null if it is left; and what happened. */
export interface Step {
  readonly range: TradingRange | null;
  readonly happening: Happening | null;
}

export const quiet = (range: TradingRange | null): Step => ({ range, happening: null });

export const left: Step = { range: null, happening: null };

export const heightOf = ({ high, low }: TradingRange): number => high - low;
