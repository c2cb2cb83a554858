import type { Side } from '../parity-bar.ts';

/** Faults of a whole path, as against those of single bars. Docs: `docs/parity.md`. */
export const systematicKinds = [
  'high and low swapped',
  'unreadable bars',
  'stamped on close',
  'another time zone',
  'shifted',
  'longer bars',
  'symbols swapped',
  'volume is the tick count',
  'prices scaled',
  'volumes scaled',
  'prices and volumes scaled',
  'stale bars',
  'session missing',
] as const;
export type SystematicKind = (typeof systematicKinds)[number];

/** A fault that explains nearly all bars that differ. Plain, as it stands in reports. */
export interface SystematicFault {
  readonly kind: SystematicKind;
  /** The side that shows it; null where the bars do not tell which of them is the faulty one. */
  readonly side: Side | null;
  /** What is so, in one sentence. */
  readonly statement: string;
  /** Minutes, from the first that differs to the last, that are as this fault makes them, and that are not. */
  readonly fits: number;
  readonly against: number;
  /** How many of the bars that differ it explains, and how many differ. */
  readonly explained: number;
  readonly differing: number;
}

/** A fault, and the bars that it explains, by start. `explained: null`: what explains each of them is told of each. */
export interface FoundFault {
  readonly fault: SystematicFault;
  readonly explained: ReadonlySet<number> | null;
}
