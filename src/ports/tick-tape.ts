import type { GapRecord } from '../domain/gap.ts';

/** A tick of the tape, as it was received: nothing of it was parsed. */
export interface TapeTick {
  readonly channel: string;
  /** From the channel; null where the channel's name is no legal symbol. */
  readonly symbol: string | null;
  readonly payload: Buffer;
  /** Hash of the payload (`domain/tape-alignment.ts`). */
  readonly hash: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Which run of which subscriber received it. */
  readonly instance: string;
  /** Rises by one with each tick that the instance received or filled in. */
  readonly seq: number;
  /** Set when ticks of this symbol may be missing right before this one: when the subscription that delivered it began. */
  readonly joinedAt: number | null;
}

/** Where a symbol's tape was left. */
export interface TapeEnd {
  /** Hashes of the last payloads taken, oldest first. */
  readonly hashes: readonly number[];
  /** When the last of them was received (epoch milliseconds). */
  readonly receivedAt: number;
  /** Its event time, where known. */
  readonly lastTs: number | null;
  /** The greatest number taken, by instance: what waits on disk may begin before it. */
  readonly taken: ReadonlyMap<string, number>;
}

/** Where an earlier run left the tape. */
export interface TapeResume {
  /** When everything up to then was surely taken (epoch milliseconds); null where nobody noted it. */
  readonly from: number | null;
  /** Whether the earlier run ended by itself. */
  readonly clean: boolean;
  /** The ends of the symbols' tapes. Until they are known ticks are received, but none are given out; null: they won't be in this run. */
  readonly ends: Promise<ReadonlyMap<string, TapeEnd> | null>;
}

/**
 * The ticks of a pub/sub pattern as one tape, in order per symbol: gaps are noticed, told, and where the publisher also writes
 * a stream, filled in place. Memory is bounded: what is not taken goes to a spool on disk.
 */
export interface TickTape {
  /**
   * Subscribes; resolves when `signal` aborts. `onGap` is called when a gap opens and at each change of it, before any tick is given
   * out that was received after it; with `closed` only when all that fills it was taken.
   */
  run(resume: TapeResume, onGap: (gap: GapRecord) => void, signal: AbortSignal): Promise<void>;
  /** The next ticks, at most `max`; waits for the first. Empty once the tape has ended and all that could be given was. */
  next(max: number): Promise<TapeTick[]>;
  /** The first `count` ticks that `next` gave, and no others, are now durable elsewhere. */
  taken(count: number): Promise<void>;
  /** Ends the giving out, and puts what was not taken onto disk, gaps that are not filled included, for the next run to begin with. False: there is no disk, or it failed. */
  park(): Promise<boolean>;
  /** Whether the subscription stands. */
  readonly subscribed: boolean;
  /**
   * Everything published before this moment (epoch milliseconds) was received, and has been taken or (`disk`) waits on disk; gaps that
   * lie before it have been told, and filled where they can be. Null where that is not known of any moment.
   */
  through(disk: boolean): number | null;
  /** Ticks that wait to be taken, in memory and on disk. */
  readonly waiting: { readonly memory: number; readonly disk: number };
}
