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
}

/** Where an earlier run left the tape. */
export interface TapeResume {
  /** When everything up to then was surely taken (epoch milliseconds); null on a first run. */
  readonly from: number | null;
  /** Whether the earlier run ended by itself. */
  readonly clean: boolean;
  readonly ends: ReadonlyMap<string, TapeEnd>;
}

/**
 * The ticks of a pub/sub pattern as one tape, in order per symbol: gaps are noticed, told, and where the publisher also writes
 * a stream, filled in place. Memory is bounded: what is not taken goes to a spool on disk.
 */
export interface TickTape {
  /** Subscribes; resolves when `signal` aborts. `onGap` is called at each gap's opening and at each change of it. */
  run(resume: TapeResume, onGap: (gap: GapRecord) => void, signal: AbortSignal): Promise<void>;
  /** The next ticks, at most `max`; waits for the first. Empty once the tape has ended and everything was taken. */
  next(max: number): Promise<TapeTick[]>;
  /** The first `count` ticks that `next` gave, and no others, are now durable elsewhere. */
  taken(count: number): Promise<void>;
  /** Puts all that waits onto disk, for the next run to give out first. False: there is no disk, or it failed. */
  park(): Promise<boolean>;
  /** Whether the subscription stands. */
  readonly subscribed: boolean;
  /** Everything published before this moment (epoch milliseconds) was received; null where nobody tells. */
  readonly caughtUp: number | null;
  /** Whether a gap is being filled, so that later ticks wait. */
  readonly filling: boolean;
  /** Ticks that wait to be taken, in memory and on disk. */
  readonly waiting: { readonly memory: number; readonly disk: number };
}
