/** The end of a symbol's tape before a gap. */
export interface TailBefore {
  /** Hashes, oldest first. */
  readonly hashes: readonly number[];
  /** Of the last of them: epoch milliseconds; 0 where unknown. */
  readonly receivedAt: number;
}

/** The beginning of a symbol's tape after a gap; still growing. */
export interface HeadAfter {
  /** Hashes, oldest first. */
  readonly hashes: readonly number[];
  /** Of the first of them: epoch milliseconds. */
  readonly receivedAt: number;
}

/** What was received around a gap: what the stream is held against. */
export interface GapEdges {
  /** Everything published before this moment was received (epoch milliseconds). */
  readonly from: number;
  /** What was published before this moment (epoch milliseconds) was not received since the gap. */
  readonly asked: number;
  /** The stream's oldest entry when the gap began, where that is known: while it is the oldest, nothing of the gap was trimmed away. */
  readonly begin: string | null;
  /** Where the next gap begins (epoch milliseconds); null while there is none. */
  readonly until: number | null;
  /** The first payloads of a symbol that were received after the next gap. */
  readonly receivedNext: (symbol: string) => readonly number[];
  /** The last payloads before the gap, by symbol. */
  readonly tails: ReadonlyMap<string, TailBefore>;
  /** The first payloads after the gap, by symbol; they end where the next gap begins. */
  readonly heads: ReadonlyMap<string, HeadAfter>;
}

/** A payload of the stream that pub/sub did not deliver. */
export interface FilledTick {
  readonly symbol: string;
  readonly payload: Buffer;
  readonly hash: number;
  /** When it was published (epoch milliseconds). */
  readonly ms: number;
}
