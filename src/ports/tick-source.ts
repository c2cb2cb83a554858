import type { ErrorCode } from '../domain/errors/errors.ts';

/** A tick on its way to its channel: whoever carries it leaves its bytes alone. */
export interface SourceTick {
  /** Legal (`domain/tick/symbol.ts`). */
  readonly symbol: string;
  /** The wire form. Nobody has judged it: it may not even be JSON. */
  readonly payload: Buffer;
}

/** A line or frame that cannot be brought to a channel. */
export interface Unroutable {
  readonly reason: ErrorCode;
  /** Where it stands: `EURUSD.csv:12`. */
  readonly place: string;
  /** One line for people, with its first characters. */
  readonly message: string;
}

/** What a source met so far. Every line that is not blank is a tick or unroutable. */
export interface SourceCounts {
  readonly ticks: number;
  readonly unroutable: ReadonlyMap<ErrorCode, number>;
  /** The first few unroutable ones. */
  readonly examples: readonly Unroutable[];
}

/** Where ticks come from: a file, an exchange, a synthetic market, another program. */
export interface TickSource {
  /** As the command line names it: `replay`. */
  readonly name: string;
  /**
   * The ticks in the source's order, in batches that are not empty, each when it is due. Ends with the source, or soon after
   * `signal` aborts. To be called once. Rejects with a `feed.*` error when the source cannot go on.
   */
  batches(signal: AbortSignal): AsyncIterable<readonly SourceTick[]>;
  readonly counts: SourceCounts;
  /** How much of it has been read, from 0 to 1; null where it has no end. */
  readonly share: number | null;
  /** What it waits for, in a few words; null while it gives ticks. */
  readonly waitsFor: string | null;
}
