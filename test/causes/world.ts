import type { Bar, Instrument, Tick } from './market.ts';

/** The forms in which an incumbent's bars stand in Redis. */
export const forms = ['stream', 'older stream', 'JSON key'] as const;
export type Form = (typeof forms)[number];

export type SideName = 'incumbent' | 'candidate';

/** A bar as it is put on a side: as it should be, or as bytes that are none. */
export type Written =
  | { readonly bar: Bar; readonly at: number }
  | { readonly junk: 'text' | 'no price' | 'negative volume'; readonly start: number };

/** What one path holds of a symbol. */
export interface Path {
  readonly ticks: readonly Tick[];
  /** In the order written; `at`: what it is dated, epoch milliseconds. */
  readonly bars: readonly Written[];
  readonly gaps: readonly Gap[];
  /** Refused as late: event times. */
  readonly late: readonly number[];
}

export interface Gap {
  readonly after: number;
  readonly before: number;
  readonly open: boolean;
}

export interface Market extends Readonly<Record<SideName, Path>> {
  readonly instrument: Instrument;
}

/** Both paths of one symbol or two, and what of them is compared: [from, to), epoch milliseconds. */
export interface World {
  readonly form: Form;
  readonly markets: readonly Market[];
  readonly from: number;
  readonly to: number;
}
