/** A tick that waits on disk. */
export interface SpooledTick {
  readonly channel: string;
  readonly payload: Buffer;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly instance: string;
  readonly seq: number;
}

/** A durable first-in, first-out store for what the log does not take at the moment, and a small durable note beside it. */
export interface Spool {
  /** Resolves when all are on disk. */
  append(ticks: readonly SpooledTick[]): Promise<void>;
  /** Up to `max` of the oldest, in order. */
  oldest(max: number): SpooledTick[];
  /** Up to `max` of the newest, in order. */
  newest(max: number): SpooledTick[];
  /** Forgets the `count` oldest. */
  drop(count: number): Promise<void>;
  /** How many wait. */
  readonly size: number;
  /** The note that was last set, or null. */
  note(): string | null;
  /** Resolves when the note is on disk. */
  setNote(text: string): Promise<void>;
  close(): Promise<void>;
}
