import type { GapReason } from '../domain/gap/gap.ts';

/** A tick that waits on disk. */
export interface SpooledTick {
  readonly channel: string;
  readonly payload: Buffer;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Everything published before this moment (epoch milliseconds) had been received when this tick was. */
  readonly since: number;
  readonly instance: string;
  readonly seq: number;
}

/** What must be known of a gap to fill it, should the process that had it not come to that. */
export interface SpooledGap {
  readonly id: string;
  readonly reason: GapReason;
  /** Epoch milliseconds; null where nothing is known of before. */
  readonly from: number | null;
  /** Null while nothing is received again. */
  readonly to: number | null;
  /** What was published before this moment (epoch milliseconds) was not received since the gap. Absent where nobody noted it. */
  readonly asked?: number;
  /** The oldest entry of the stream of ticks, where it is known to have been that when the gap began. */
  readonly begin?: string | null;
}

/** The place of a gap among the ticks that wait: what was received before it stands before it. */
export interface SpooledMark {
  readonly gap: SpooledGap;
}

export type Spooled = SpooledTick | SpooledMark;

/** A durable first-in, first-out store for what the log does not take at the moment, and a small durable note beside it. */
export interface Spool {
  /** Resolves when all are on disk. Rejects where the disk takes no more: then none of them is there. */
  append(entries: readonly Spooled[]): Promise<void>;
  /** Up to `max` of the oldest, in order, after the first `skip`. */
  read(skip: number, max: number): Spooled[];
  /** How many stand before the oldest mark; null where there is no mark. */
  readonly firstMark: number | null;
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
