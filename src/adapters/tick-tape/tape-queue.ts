import { payloadHash } from '../../domain/tape/tape-alignment.ts';
import { symbolOfTopic } from '../../domain/tick/symbol.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Spool, Spooled, SpooledMark } from '../../ports/spool.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';

/** What waits: ticks, and among them the places of gaps. */
export type TapeItem = TapeTick | SpooledMark;

/** What a tick costs in memory beyond its payload, about. */
const OVERHEAD = 260;
/** Most that go to the spool at once: what is taken meanwhile is dropped between two such moves. */
const FLUSH = 5_000;
/** With nothing taken for so long, what waits is not being taken. */
const FLOWS_MS = 1_000;
/** How long a disk that took nothing is left alone. */
const RETRY_MS = 1_000;

export const isMark = (item: TapeItem | Spooled): item is SpooledMark => 'gap' in item;

const sizeOf = (item: TapeItem): number => (isMark(item) ? OVERHEAD : item.payload.length + OVERHEAD);

/**
 * First in, first out, in bounded memory. Past the limit everything that waits, what was given out but not yet taken included,
 * moves to the spool, so that the spool always holds a stretch without holes.
 */
export class TapeQueue {
  readonly #spool: Spool | null;
  readonly #limit: number;
  readonly #clock: Clock;
  #memory: TapeItem[] = [];
  #head = 0;
  #bytes = 0;
  #given: TapeItem[] = [];
  #spooling = false;
  #moving = false;
  /** Serialises what touches the spool. */
  #work: Promise<void> = Promise.resolve();
  #failure: unknown = null;
  #failedAt = 0;
  /** When something was taken last (monotonic milliseconds). */
  #takenAt = Number.NEGATIVE_INFINITY;

  /** `limit` is in bytes. */
  constructor(spool: Spool | null, limit: number, clock: Clock) {
    this.#spool = spool;
    this.#limit = limit;
    this.#clock = clock;
    this.#spooling = (spool?.size ?? 0) > 0;
  }

  /** False: there is no room, in memory or on disk, and the tick was not taken in. */
  push(tick: TapeTick): boolean {
    const full = this.#bytes > this.#limit;
    if (full && (!this.#canSpool || this.#bytes > 4 * this.#limit)) return false;
    this.#keep(tick);
    if (this.#canSpool && (full || (this.#spooling && this.#inMemory >= FLUSH))) this.#move();
    return true;
  }

  /**
   * Whether more is to come at once. What can wait where it is, packed as it arrived, had better do that: while what is here is being taken
   * anyway, and else until the disk has made room. `elsewhere`: how much of the room there is in use, from 0 to 1.
   */
  takesMore(elsewhere: number): boolean {
    if (!this.#canSpool || this.#bytes <= this.#limit / 4) return true;
    const flows = this.#clock.monotonic() - this.#takenAt < FLOWS_MS;
    if (flows && elsewhere < 0.5) return false;
    if (this.#bytes <= this.#limit) return true;
    this.#move();
    return false;
  }

  /** The place of a gap; it always has room. */
  mark(mark: SpooledMark): void {
    this.#keep(mark);
  }

  #keep(item: TapeItem): void {
    this.#memory.push(item);
    this.#bytes += sizeOf(item);
  }

  /** Whether half of the memory is free again. Tries a disk that was full again, now and then. */
  hasRoom(): boolean {
    if (this.#bytes < this.#limit / 2) return true;
    if (this.#canSpool) this.#move();
    return false;
  }

  /** A disk that took nothing is tried again after a while: it may have been made room on. */
  get #canSpool(): boolean {
    return this.#spool !== null && (this.#failure === null || this.#clock.monotonic() - this.#failedAt >= RETRY_MS);
  }

  get waiting(): { memory: number; disk: number } {
    return { memory: this.#inMemory, disk: this.#onDisk };
  }

  /** Whether everything was given out. */
  get exhausted(): boolean {
    return !this.#moving && this.#inMemory === 0 && (!this.#spooling || this.#onDisk <= this.#given.length);
  }

  get #inMemory(): number {
    return this.#memory.length - this.#head;
  }

  get #onDisk(): number {
    return this.#spooling ? (this.#spool?.size ?? 0) : 0;
  }

  /**
   * Shows all that waits, in order; `done` is called at the moment at which nothing more does. While nothing is given out. Reading much
   * from disk leaves others their turns, and what is received meanwhile is shown, too.
   */
  async show(see: (item: TapeItem) => void, done: () => void = () => undefined): Promise<void> {
    for (let at = 0; ; ) {
      while (this.#moving) await this.#work;
      if (at >= this.#onDisk) break;
      const items = this.#read(at, FLUSH);
      for (const item of items) see(item);
      at += items.length;
      await this.#clock.sleep(0);
    }
    for (const item of this.#memory.slice(this.#head)) see(item);
    done();
  }

  /** What was given out and not taken comes again. */
  async giveBack(): Promise<void> {
    while (this.#moving) await this.#work;
    if (!this.#spooling) {
      for (const item of this.#given) this.#bytes += sizeOf(item);
      this.#memory = [...this.#given, ...this.#memory.slice(this.#head)];
      this.#head = 0;
    }
    this.#given = [];
  }

  /** Forgets the oldest for as long as they are `old`. While nothing is given out. */
  async forget(old: (item: TapeItem) => boolean): Promise<void> {
    while (this.#moving) await this.#work;
    while (this.#spooling) {
      const [first] = this.#read(0, 1);
      if (first !== undefined && !old(first)) return;
      const items = this.#read(0, FLUSH);
      const kept = items.findIndex((item) => !old(item));
      const count = kept === -1 ? items.length : kept;
      if (count > 0) await this.#drop(count);
      if (kept !== -1) return;
      while (this.#moving) await this.#work;
    }
    for (let item = this.#memory[this.#head]; item !== undefined && old(item); item = this.#memory[this.#head]) {
      this.#head += 1;
      this.#bytes -= sizeOf(item);
    }
    this.#compact();
  }

  /** Up to `max` of the oldest that were not given out yet: ticks up to the next mark, or one mark. */
  async give(max: number): Promise<TapeItem[]> {
    while (this.#moving && !this.#spooling) await this.#work;
    const items = this.#spooling ? await this.#fromSpool(max) : this.#fromMemory(max);
    for (const item of items) this.#given.push(item);
    return items;
  }

  #fromMemory(max: number): TapeItem[] {
    const items = upToMark(this.#memory.slice(this.#head, this.#head + max));
    this.#head += items.length;
    for (const item of items) this.#bytes -= sizeOf(item);
    if (this.#head > 10_000 && this.#head * 2 > this.#memory.length) this.#compact();
    return items;
  }

  async #fromSpool(max: number): Promise<TapeItem[]> {
    if (this.#onDisk <= this.#given.length) {
      if (this.#inMemory > 0) this.#move();
      while (this.#moving) await this.#work;
    }
    return upToMark(this.#read(this.#given.length, max));
  }

  #read(skip: number, max: number): TapeItem[] {
    return this.#spool!.read(skip, max).map((entry) =>
      isMark(entry)
        ? entry
        : { ...entry, symbol: symbolOfTopic(entry.channel), hash: payloadHash(entry.payload), joinedAt: null },
    );
  }

  /** The first `count` given are durable elsewhere. */
  async taken(count: number): Promise<void> {
    if (count === 0) return;
    this.#takenAt = this.#clock.monotonic();
    if (this.#moving || this.#spooling) await this.#drop(count);
    else this.#given.splice(0, count);
  }

  /** Drops the oldest from disk, given out or not; where what was given has not got there, from what was given. */
  async #drop(count: number): Promise<void> {
    const work = this.#work.then(async () => {
      this.#given.splice(0, count);
      if (!this.#spooling) return;
      await this.#spool!.drop(count);
      this.#spooling = this.#spool!.size > 0;
    });
    this.#work = work.catch((error: unknown) => this.#fail(error));
    await work;
  }

  /** Moves all that waits to the spool; whether nothing is left in memory. */
  async park(): Promise<boolean> {
    while (this.#moving) await this.#work;
    this.#move();
    // In pieces, one after the other.
    while (this.#moving) await this.#work;
    return this.#inMemory === 0 && (this.#spooling || this.#given.length === 0);
  }

  /**
   * Of what was not taken yet, the first moment that is not proven to be whole without it: until when everything was received for certain
   * when the oldest tick was, or the beginning of the oldest gap (epoch milliseconds). `disk`: what is on disk counts as well. Infinity
   * where nothing waits.
   */
  oldest(disk: boolean): number {
    let at = Number.POSITIVE_INFINITY;
    const see = (items: readonly TapeItem[]): void => {
      const first = items[0];
      const mark = items.find(isMark);
      if (first !== undefined && !isMark(first)) at = Math.min(at, first.since);
      if (mark !== undefined) at = Math.min(at, mark.gap.from ?? Number.NEGATIVE_INFINITY);
    };
    if (!this.#spooling) see(this.#given);
    else if (disk) {
      see(this.#read(0, 1));
      const mark = this.#spool!.firstMark;
      if (mark !== null) see(this.#read(mark, 1));
    }
    see(this.#memory.slice(this.#head));
    return at;
  }

  /** Moves what waits now to the spool, some at a time. */
  #move(): void {
    if (this.#moving || this.#spool === null) return;
    this.#moving = true;
    let left = this.#inMemory;
    const next = (): void => {
      this.#work = this.#work
        .then(() => this.#moveSome(left))
        .then((moved) => {
          left -= moved;
          if (moved > 0 && left > 0) next();
          else this.#moving = false;
        });
    };
    next();
  }

  /** Moves the oldest, at most so many; how many it were. They wait in memory until they are on disk. */
  async #moveSome(most: number): Promise<number> {
    // What was given out goes in one piece: the spool must never hold a part of it.
    const given = this.#spooling ? [] : this.#given;
    const some = this.#memory.slice(this.#head, this.#head + Math.min(most, FLUSH));
    try {
      if (given.length + some.length > 0) {
        await this.#spool!.append([...given, ...some]);
        this.#spooling = true;
      }
      this.#failure = null;
    } catch (error) {
      this.#fail(error);
      return 0;
    }
    this.#head += some.length;
    for (const item of some) this.#bytes -= sizeOf(item);
    this.#compact();
    return some.length;
  }

  /** The spool cannot be written: for a while there is only memory, and what does not fit is a gap. */
  #fail(error: unknown): void {
    this.#failure = error;
    this.#failedAt = this.#clock.monotonic();
  }

  /** Why the spool is out of use; null while it works. */
  get failure(): unknown {
    return this.#failure;
  }

  #compact(): void {
    this.#memory = this.#memory.slice(this.#head);
    this.#head = 0;
  }
}

/** A mark alone, or the ticks before the next one. */
function upToMark(items: TapeItem[]): TapeItem[] {
  const mark = items.findIndex(isMark);
  return mark === -1 ? items : items.slice(0, Math.max(1, mark));
}
