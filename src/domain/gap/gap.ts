/**
 * Why ticks may have been missed. `start`: nothing was received before, or an orderly end lies before. `crash`: an end without order.
 * `disconnect`: the subscription was lost. `overflow`: Redis cut off a subscriber that was too slow. `full`: this side had no room left, in memory
 * or on disk. `takeover`: equal payloads leave it unclear which of them the former holder brought into the log.
 */
const gapReasons = ['start', 'crash', 'disconnect', 'overflow', 'full', 'takeover'] as const;
export type GapReason = (typeof gapReasons)[number];

/** Between which ticks of a symbol others may be missing: event times in epoch milliseconds, both ends known to be there. */
export interface GapBounds {
  /** The last tick before; null where none is known. */
  readonly after: number | null;
  /** The first tick since; null while there is none. */
  readonly before: number | null;
}

/** An interval in which a subscriber was not subscribed, was cut off, or could not keep up. Stands on `mirror.gaps` under its id; the newest record counts. */
export interface GapRecord {
  readonly id: string;
  /** Who had the gap: `mirror`, or `bars` on the incumbent's side. */
  readonly service: string;
  readonly instance: string;
  readonly reason: GapReason;
  readonly pattern: string;
  /** The last moment at which everything was still received (epoch milliseconds); null where nothing is known of before. */
  readonly from: number | null;
  /** From this moment on everything is received again; while it lasts: when it was told. */
  readonly to: number;
  /** `closed`: every tick of the interval was found in the log, or put there by back-fill. */
  readonly status: 'open' | 'closed';
  /** Ticks put in by back-fill, once they are durable. */
  readonly filled: number;
  /** The symbols that may still lack ticks. */
  readonly symbols: Readonly<Record<string, GapBounds>>;
  /** Whether symbols that nothing is known of yet, and that are not listed, may lack ticks too. Absent in records of older versions. */
  readonly unseen?: boolean;
  /**
   * Whether whoever told of it will fill in no more: only then has it written a tick that was received after the gap. False: whoever goes on
   * fills it, or tells what it lacks. Absent in records of older versions.
   */
  readonly settled?: boolean;
  /** The instance that settled it, where another one than the one that told of it found, or brought, what was missing. */
  readonly settledBy?: string;
}

/** Header of the first tick of a symbol after a gap that stayed open: since when everything was received again (epoch milliseconds). */
export const JOINED = 'joined';

/** Topic of the mirror's gaps. */
export const GAPS_TOPIC = 'mirror.gaps';

/** Stream of the gaps of an incumbent whose bars go to streams with this prefix. */
export const gapsStream = (prefix: string): string => `${prefix}:gaps`;

/** Reads a gap record; null where the bytes are none. */
export function parseGap(bytes: Buffer): GapRecord | null {
  try {
    const gap = JSON.parse(bytes.toString()) as GapRecord | null;
    return typeof gap?.id === 'string' && typeof gap.symbols === 'object' && gap.symbols !== null ? gap : null;
  } catch {
    // Not ours: the caller counts it.
    return null;
  }
}
