/** Fields of an entry, in order. Values are bytes; text is UTF-8. */
export type EntryFields = Readonly<Record<string, Buffer>>;

/** An entry to append. */
export interface NewEntry {
  readonly stream: string;
  readonly fields: Readonly<Record<string, Buffer | string>>;
  /** Keep about this many newest entries of the stream; absent: keep all. `exact` 1 keeps exactly the newest one. */
  readonly maxLen?: number;
}

export interface Entry {
  readonly stream: string;
  /** `<milliseconds>-<sequence>`, rising within a stream; the milliseconds are the server's time of the append. */
  readonly id: string;
  readonly fields: EntryFields;
}

/** An entry delivered to a group. */
export interface Delivery extends Entry {
  /** How often it has been delivered, this time included. */
  readonly deliveries: number;
}

export interface GroupReader {
  readonly stream: string;
  readonly group: string;
  readonly consumer: string;
  /** A group that is missing is made to begin after this entry; by default with the oldest one. */
  readonly startAfter?: string;
}

/** What a group was given at one time. */
export interface GroupBatch {
  readonly entries: readonly Delivery[];
  /**
   * The entry right before the first of new `entries` in the order in which the group was given them, whoever got it; `0-0` before the first.
   * Where this is the last entry that a reader has seen, nothing lies in between. Null for entries delivered again.
   */
  readonly after: string | null;
  /**
   * Whether entries after `after` and before the first of `entries` were trimmed away: nobody of the group will ever get them. Where the
   * engine cannot tell, because all that it holds is new to the group, it says so, too.
   */
  readonly skipped: boolean;
  /** Entries that were delivered and not acknowledged, and that the stream holds no more: nobody will ever get them. They are acknowledged now. */
  readonly trimmed: readonly string[];
}

/** Named, ordered, durable streams of entries, with consumer groups (Redis Streams). */
export interface EntryStream {
  /**
   * Appends all entries, in order, or none: they become visible together. Resolves with their ids. Rejects with `redis.unavailable` (retry; they may
   * be in), or with `redis.occupied`, which names the streams whose names something else has: all entries of the others are in.
   */
  append(entries: readonly NewEntry[]): Promise<string[]>;
  /** Entries with `from` ≤ id ≤ `to` (`-` and `+` are the ends; `(` before an id excludes it), oldest first, at most `count`. */
  range(stream: string, from: string, to: string, count: number): Promise<Entry[]>;
  /** The newest `count` entries, of those before the entry `before` where that is given, newest first. */
  newest(stream: string, count: number, before?: string): Promise<Entry[]>;
  /** Names of the streams that match a glob, sorted. */
  streams(pattern: string): Promise<string[]>;
  /** Makes the group if missing; then resolves with up to `count` new entries for this consumer, waiting up to `waitMs` for the first. */
  readGroup(reader: GroupReader, count: number, waitMs: number, signal: AbortSignal): Promise<GroupBatch>;
  /**
   * Delivers again up to `count` entries that were not acknowledged, oldest first: those of any consumer of the group that were delivered
   * at least `minIdleMs` ago; or, where `minIdleMs` is `own`, those of this consumer after the entry `from`, however long ago.
   */
  claim(reader: GroupReader, minIdleMs: number | 'own', count: number, from?: string): Promise<GroupBatch>;
  /** Acknowledges entries: the group never delivers them again. */
  ack(stream: string, group: string, ids: readonly string[]): Promise<void>;
  /** Resolves when the server answers; rejects with `redis.unavailable` or `redis.refused`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
