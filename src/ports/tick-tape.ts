import type { GapRecord } from '../domain/gap/gap.ts';

/** A tick of the tape, as it was received: nothing of it was parsed. */
export interface TapeTick {
  readonly channel: string;
  /** From the channel; null where the channel's name is no legal symbol. */
  readonly symbol: string | null;
  readonly payload: Buffer;
  /** Hash of the payload (`domain/tape/tape-alignment.ts`). */
  readonly hash: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Everything published before this moment (epoch milliseconds) had been received when this tick was: no later than its publication. */
  readonly since: number;
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
  /** The instance that the last of them is from; null where nobody noted it. */
  readonly lastBy: string | null;
  /** How many of the last of `hashes` follow one another: right before them some may be missing. Absent: all of them. */
  readonly unbroken?: number;
  /** When each of `hashes` was received (epoch milliseconds); of what was set aside. */
  readonly times?: readonly number[];
}

/** The oldest entry of the stream of ticks: while it is the oldest, nothing that was published since `seenAt` was trimmed away. */
export interface StreamBegin {
  readonly id: string;
  /** When it was first seen to be the oldest (epoch milliseconds). */
  readonly seenAt: number;
}

/** Where a subscriber's own earlier run left the tape. */
export interface TapeNote {
  /** Everything published before this (epoch milliseconds) was taken, or waits on this disk; null where nobody noted it. */
  readonly through: number | null;
  /** Whether the earlier run ended by itself. */
  readonly clean: boolean;
  /** Instances of earlier runs, of which no two were ever subscribed at once. */
  readonly runs?: readonly string[];
  readonly begin?: StreamBegin | null;
}

/** Where the tape ends that the ticks go to, whoever brought them there. */
export interface TapeEnds {
  /** Whether other subscribers bring ticks there, too: what they brought may be received here only now. */
  readonly shared: boolean;
  /** Everything published before this (epoch milliseconds) is there, or in a gap that is told; null where nobody noted it. */
  readonly through: number | null;
  readonly symbols: ReadonlyMap<string, TapeEnd>;
  /** What was set aside of symbols that `symbols` has as well: in an order of its own, which may be ahead of theirs or behind. */
  readonly refused?: ReadonlyMap<string, TapeEnd>;
  /** Gaps that earlier runs told of and that are still open. */
  readonly gaps: readonly GapRecord[];
}

/**
 * The ticks of a pub/sub pattern as one tape, in order per symbol: gaps are noticed, told, and where the publisher also writes
 * a stream, filled in place. Memory is bounded: what is not taken goes to a spool on disk. A tape is held at first: it receives, and
 * gives nothing out before `resume`.
 */
export interface TickTape {
  /**
   * Subscribes; resolves when `signal` aborts. `onGap` is called when a gap opens and at each change of it, before any tick is given
   * out that was received after it; with `closed` only when all that fills it was taken. Never while the tape is held.
   */
  run(note: TapeNote, onGap: (gap: GapRecord) => void, signal: AbortSignal): Promise<void>;
  /**
   * Gives out what goes on from these ends. Resolves when that is known, which takes until all is received that was published before the
   * call. Where a subscription that was asked for before it comes to stand only later, the tape holds itself: the ends may have what comes now.
   */
  resume(ends: TapeEnds): Promise<void>;
  /** Gives nothing more out until `resume`, and goes on receiving. What was given and not taken comes again. */
  hold(): Promise<void>;
  /** While held: forgets what was received before this moment (epoch milliseconds), and gaps that were over by then. */
  forget(before: number): Promise<void>;
  /** The next ticks, at most `max`; waits for the first. Empty once the tape is held, or over. */
  next(max: number): Promise<TapeTick[]>;
  /** Whether nothing is given out any more: it has ended, and all that could be given was; or it was parked. */
  readonly over: boolean;
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
  /** Where the stream of ticks began when it was last looked at; null where there is none. */
  readonly begin: StreamBegin | null;
  /** Ticks that wait to be taken, in memory and on disk. */
  readonly waiting: { readonly memory: number; readonly disk: number };
}
