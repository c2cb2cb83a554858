/** Headers of a record: short names to short bytes. */
export type RecordHeaders = ReadonlyMap<string, Buffer>;

/** A record to append. */
export interface NewRecord {
  readonly topic: string;
  /** Records with equal keys go to the same partition, in order. Null spreads; with one partition it does not matter. */
  readonly key: string | null;
  /** Null is a tombstone on a compacted topic. */
  readonly value: Buffer | null;
  readonly headers?: ReadonlyMap<string, Buffer | string>;
  /** Epoch milliseconds; the time of the append when absent. */
  readonly timestamp?: number;
}

/** A record as it stands in the log. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  /** Position within the partition; rises, may skip. */
  readonly offset: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

/** How a topic is made. Where the log already has it, it is left as it is. */
export interface TopicSpec {
  readonly topic: string;
  /** Default 1. */
  readonly partitions?: number;
  /** Keep only the newest record of each key (default false). */
  readonly compacted?: boolean;
  /** Drop records older than this, in milliseconds; absent: the engine's default. */
  readonly retentionMs?: number;
}

/** The offsets that a partition holds: [earliest, end). `end` is where the next record goes. */
export interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  readonly earliest: number;
  readonly end: number;
}

/** A place in a partition: the offset of the next record to read. */
export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Topics to consume: named, or every topic that matches, those made later included. */
export type TopicSelector = { readonly topics: readonly string[] } | { readonly match: RegExp };

/**
 * Handles records, in order per partition. A batch holds records of any number of partitions.
 * Resolves with the positions to commit (an empty list commits nothing): the group goes on from there after a restart.
 * A rejection makes the log deliver again from the last committed position, after a back-off.
 */
export type BatchHandler = (records: readonly LogRecord[]) => Promise<readonly LogPosition[]>;

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: TopicSelector;
  /** Told which partitions this consumer holds, after each change. Best effort: another member may already own one. */
  readonly onAssignment?: (partitions: readonly { topic: string; partition: number }[]) => void;
  /** Most records a batch may hold (default 5000). */
  readonly maxBatch?: number;
}

/** A partitioned, ordered, durable log. Safe for several processes at once. */
export interface RecordLog {
  /**
   * Resolves when every record is durable; the order within a (topic, partition) is the order given. Missing topics are made with the engine's defaults.
   * Rejects with `log.unavailable` (retry; the records may or may not be in the log) or `log.record.too-large` (that
   * record is not in the log; of the others some may be, and no more will come).
   */
  append(records: readonly NewRecord[]): Promise<void>;
  /**
   * Calls `handle` with batches, one call at a time, in order per partition, at least once each; commits what `handle` returns, after it resolves.
   * A group without a committed position starts at the earliest record. Reconnects by itself. Resolves when `signal` aborts, after the call under way.
   */
  consume(options: ConsumeOptions, handle: BatchHandler, signal: AbortSignal): Promise<void>;
  /** Up to `max` records from `from` on (or from the earliest kept, when later), outside any group. Empty at the end. */
  read(topic: string, partition: number, from: number, max: number): Promise<LogRecord[]>;
  /** The ranges of a topic's partitions; empty where the topic does not exist. */
  ranges(topic: string): Promise<PartitionRange[]>;
  /** All topics, sorted, without the engine's internal ones. */
  topics(): Promise<string[]>;
  /** Makes the topics that are missing. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Where a group stands, for the partitions in which it has committed. */
  committed(group: string): Promise<LogPosition[]>;
  /** Resolves when the log answers; rejects with `log.unavailable`. */
  ping(): Promise<void>;
  /** Flushes and lets go. */
  close(): Promise<void>;
}
