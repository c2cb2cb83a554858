/** A trade or a quote. */
export interface Tick {
  readonly symbol: string;
  /** Epoch milliseconds, UTC, to the microsecond. */
  readonly ts: number;
  /** Price of a trade, or (bid + ask) / 2 of a quote, as a double. */
  readonly price: number;
  readonly bid?: number;
  readonly ask?: number;
  /** Exact canonical decimal text, `0` where the tick has none. */
  readonly volume: string;
  readonly side?: string;
  readonly id?: string;
  readonly seq?: number;
  /** bid > ask: real, kept and flagged. */
  readonly crossed: boolean;
  /** bid = ask. */
  readonly locked: boolean;
}

/** What the bar builder needs of a tick. One object is reused for all ticks of a stream, so that the hot path allocates nothing. */
export interface TickFields {
  /** Epoch milliseconds, UTC, to the microsecond. */
  ts: number;
  price: number;
  /** The volume is `volumeUnits` × 10^-`volumeScale`, unless `volumeText` is set. */
  volumeUnits: number;
  volumeScale: number;
  /** The volume's exact text where its units are no safe integer, else null. */
  volumeText: string | null;
  crossed: boolean;
  locked: boolean;
}

export const tickFields = (): TickFields => ({
  ts: 0,
  price: 0,
  volumeUnits: 0,
  volumeScale: 0,
  volumeText: null,
  crossed: false,
  locked: false,
});

/** The rules by which ticks are judged. */
export interface TickRules {
  /** Whether this symbol may trade at or below zero. */
  readonly allowNonPositive: boolean;
}

export const MAX_AHEAD_MS = 300_000;
/**
 * Bytes of the largest payload that is a tick, on whichever side it is read: a record of the log may have a megabyte, and its headers and
 * framing need some of that. A topic that takes less makes the mirror, but not the incumbent, refuse more.
 */
export const MAX_TICK_BYTES = 900_000;
export const EARLIEST_TS = Date.UTC(1990, 0, 1);
export const LATEST_TS = Date.UTC(2100, 0, 1);
