import { symbolOfTopic } from '../../domain/symbol.ts';
import { payloadHash } from '../../domain/tape-alignment.ts';
import type { Spool } from '../../ports/spool.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';

/** What a tick costs in memory beyond its payload. */
const OVERHEAD = 200;
const FLUSH = 5_000;

const sizeOf = (tick: TapeTick): number => tick.payload.length + OVERHEAD;

/**
 * First in, first out, in bounded memory. Past the limit everything that waits, what was given out but not yet taken included,
 * moves to the spool, so that the spool always holds a stretch without holes.
 */
export class TapeQueue {
  readonly #spool: Spool | null;
  readonly #limit: number;
  #memory: TapeTick[] = [];
  #head = 0;
  #bytes = 0;
  #given: TapeTick[] = [];
  #spooling = false;
  #moving = false;
  /** Serialises what touches the spool. */
  #work: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  /** `limit` is in bytes. */
  constructor(spool: Spool | null, limit: number) {
    this.#spool = spool;
    this.#limit = limit;
    this.#spooling = (spool?.size ?? 0) > 0;
  }

  /** False: there is no room, in memory or on disk, and the tick was not taken in. */
  push(tick: TapeTick): boolean {
    const full = this.#bytes > this.#limit;
    if (full && (this.#spool === null || this.#failure !== null || this.#bytes > 4 * this.#limit)) return false;
    this.#memory.push(tick);
    this.#bytes += sizeOf(tick);
    if (this.#spooling ? this.#inMemory >= FLUSH : full) this.#move();
    return true;
  }

  /** Whether half of the memory is free again. */
  get hasRoom(): boolean {
    return this.#bytes < this.#limit / 2;
  }

  get waiting(): { memory: number; disk: number } {
    return { memory: this.#inMemory, disk: this.#spooling ? (this.#spool?.size ?? 0) : 0 };
  }

  get #inMemory(): number {
    return this.#memory.length - this.#head;
  }

  /** Up to `max` of the oldest that were not given out yet. */
  async give(max: number): Promise<TapeTick[]> {
    if (this.#moving || this.#spooling) {
      await this.#work;
      if (this.#spooling) return this.#giveFromSpool(max);
    }
    const ticks = this.#memory.slice(this.#head, this.#head + max);
    this.#head += ticks.length;
    for (const tick of ticks) this.#bytes -= sizeOf(tick);
    if (this.#head > 10_000 && this.#head * 2 > this.#memory.length) this.#compact();
    for (const tick of ticks) this.#given.push(tick);
    return ticks;
  }

  async #giveFromSpool(max: number): Promise<TapeTick[]> {
    const spool = this.#spool!;
    if (spool.size <= this.#given.length && this.#inMemory > 0) {
      this.#move();
      await this.#work;
    }
    const ticks = spool
      .oldest(this.#given.length + max)
      .slice(this.#given.length)
      .map(
        (tick): TapeTick => ({
          ...tick,
          symbol: symbolOfTopic(tick.channel),
          hash: payloadHash(tick.payload),
          joinedAt: null,
        }),
      );
    this.#given.push(...ticks);
    return ticks;
  }

  /** The first `count` given are durable elsewhere. */
  async taken(count: number): Promise<void> {
    if (this.#moving || this.#spooling) {
      const work = this.#work.then(async () => {
        this.#given.splice(0, count);
        if (!this.#spooling) return;
        await this.#spool!.drop(count);
        if (this.#spool!.size === 0) this.#spooling = false;
      });
      this.#work = work.catch((error: unknown) => this.#fail(error));
      await work;
    } else this.#given.splice(0, count);
  }

  /** Moves all that waits to the spool; whether it is there. */
  async park(): Promise<boolean> {
    if (this.#spool === null) return false;
    await this.#work;
    this.#move();
    await this.#work;
    return this.#failure === null;
  }

  #move(): void {
    if (this.#moving || this.#spool === null) return;
    this.#moving = true;
    this.#work = this.#work
      .then(async () => {
        const waiting = this.#memory.slice(this.#head);
        this.#memory = [];
        this.#head = 0;
        this.#bytes = 0;
        try {
          await this.#append(this.#spooling ? waiting : [...this.#given, ...waiting]);
        } catch (error) {
          this.#fail(error);
          // Nothing may be lost on the way to disk: what was not written waits in memory as before.
          this.#memory = [...waiting, ...this.#memory];
          for (const tick of waiting) this.#bytes += sizeOf(tick);
        }
      })
      .finally(() => {
        this.#moving = false;
      });
  }

  async #append(ticks: readonly TapeTick[]): Promise<void> {
    for (let at = 0; at < ticks.length; at += FLUSH) await this.#spool!.append(ticks.slice(at, at + FLUSH));
    this.#spooling = this.#spool!.size > 0;
  }

  /** The spool cannot be written: from now on there is only memory, and what does not fit is a gap. */
  #fail(error: unknown): void {
    this.#failure = error;
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
