/** Channels numbered in the order of their first message, found by their bytes: most messages need no string of it. */
export class ChannelNumbers {
  readonly #most: number;
  #slots = new Int32Array(1_024).fill(-1);
  #bytes: Buffer[] = [];
  /** Names that were numbered since they were last taken. */
  #fresh: string[] = [];
  #anew = false;

  /** With `most` channels known, all are forgotten and numbered anew: names are the publisher's, and may be without end. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The number of the channel that stands in [from, to) of `bytes`. */
  of(bytes: Buffer, from: number, to: number): number {
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const mask = this.#slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]!;
      if (number === -1) return this.#add(slot, bytes, from, to);
      if (same(this.#bytes[number]!, bytes, from, to)) return number;
    }
  }

  /** Whether the next channel that is new is numbered anew: what was numbered before must be told before. */
  get full(): boolean {
    return this.#bytes.length >= this.#most;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#slots = new Int32Array(1_024).fill(-1);
    this.#bytes = [];
    this.#fresh = [];
    this.#anew = true;
  }

  /** The names that are new since the last call, in the order of their numbers; `anew`: they begin at 0 again. */
  take(): { names: string[]; anew: boolean } {
    const taken = { names: this.#fresh, anew: this.#anew };
    this.#fresh = [];
    this.#anew = false;
    return taken;
  }

  #add(slot: number, bytes: Buffer, from: number, to: number): number {
    const number = this.#bytes.length;
    const own = Buffer.from(bytes.subarray(from, to));
    this.#bytes.push(own);
    this.#fresh.push(own.toString());
    this.#slots[slot] = number;
    if (2 * this.#bytes.length > this.#slots.length) this.#grow();
    return number;
  }

  #grow(): void {
    const known = this.#bytes;
    const fresh = this.#fresh;
    const size = 2 * this.#slots.length;
    this.#slots = new Int32Array(size).fill(-1);
    this.#bytes = [];
    this.#fresh = [];
    for (const own of known) this.of(own, 0, own.length);
    this.#fresh = fresh;
  }
}

function same(own: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (own.length !== to - from) return false;
  for (let i = 0; i < own.length; i += 1) if (own[i] !== bytes[from + i]) return false;
  return true;
}
