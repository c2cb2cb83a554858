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

/** A topic that the log will not have. */
export interface RefusedTopic {
  readonly topic: string;
  /** Why, in one line, for a person. */
  readonly reason: string;
  /** The topic that stands in its way: the names differ only in `.` and `_`. Null where it was refused for something else. */
  readonly collidesWith: string | null;
}

/** The offsets that a partition holds: [earliest, end). `end` is where the next record goes. */
export interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  readonly earliest: number;
  readonly end: number;
}

/** What to read of a partition. */
export interface ReadRequest {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record; where the log no longer keeps it, reading begins at the earliest that it does. */
  readonly from: number;
  /** Most records. */
  readonly max: number;
}

/** Records that a group has not read and never will: [from, to) of a partition. */
export interface LossNotice {
  readonly topic: string;
  readonly partition: number;
  /** Up to here the group had read. */
  readonly from: number;
  /** Here reading goes on. For a topic that was made anew these are offsets of the new one: `to` may be below `from`. */
  readonly to: number;
  /** `truncated`: retention, or an operator, dropped records before they were read. `made-anew`: the topic was deleted and made again; what the old one still held is gone. */
  readonly reason: 'truncated' | 'made-anew';
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
  /** Told of records that are gone before the group read them, before any later record of that partition is handled. A loss is told at least once. */
  readonly onLoss?: (loss: LossNotice) => void;
  /** Most records a batch may hold (default 5000). */
  readonly maxBatch?: number;
}

/** A partitioned, ordered, durable log. Safe for several processes at once. */
export interface RecordLog {
  /**
   * Resolves when every record is durable; the order within a (topic, partition) is the order given. Missing topics are made with the engine's defaults.
   * Rejects with `log.unavailable` or `disk.unwritable` (retry; the records may or may not be in the log), `log.record.too-large` (that
   * record is not in the log; of the others some may be, and no more will come) or `log.topic.refused` (no record of that topic is in the log;
   * of the others some may be, and no more will come). Other calls go on in each case.
   */
  append(records: readonly NewRecord[]): Promise<void>;
  /**
   * Calls `handle` with batches, one call at a time, in order per partition, at least once each; commits what `handle` returns, after it resolves.
   * A group without a committed position starts at the earliest record. Reconnects by itself. Resolves when `signal` aborts, after the call under way.
   */
  consume(options: ConsumeOptions, handle: BatchHandler, signal: AbortSignal): Promise<void>;
  /**
   * Reads outside any group: for each request up to `max` records from `from` on, in the order of the requests; empty at the end, and where the
   * partition does not exist. Fewer than `max` does not mean the end. Round trips grow with brokers and bytes, not with partitions: ask for many at once.
   */
  read(requests: readonly ReadRequest[]): Promise<LogRecord[][]>;
  /** The ranges of the partitions of these topics, in their order; topics that do not exist are left out. One call for many topics costs little more than for one. */
  ranges(topics: readonly string[]): Promise<PartitionRange[]>;
  /** All topics, sorted, without the engine's internal ones. */
  topics(): Promise<string[]>;
  /** Makes the topics that are missing. Resolves with those that the log will not have: they reject nothing, and stop none of the others. */
  createTopics(specs: readonly TopicSpec[]): Promise<readonly RefusedTopic[]>;
  /** Where a group stands, for the partitions in which it has committed. */
  committed(group: string): Promise<LogPosition[]>;
  /** Resolves when the log answers; rejects with `log.unavailable`. */
  ping(): Promise<void>;
  /** Flushes and lets go. */
  close(): Promise<void>;
}
