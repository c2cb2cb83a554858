const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);

/**
 * An order-independent hash of a set of ticks, with multiplicity: the sum, lane by lane, of a 64-bit hash of each tick's time, price and volume.
 * Equal sets give equal digests; digests of disjoint sets add up, so that a longer bar's digest is the sum of its minutes'.
 */
export class TickDigest {
  #high = 0;
  #low = 0;

  /** `ts` in epoch milliseconds; the volume is `units` × 10^-`scale`. */
  add(ts: number, price: number, units: number, scale: number): void {
    let h1 = 0xdeadbeef ^ scale;
    let h2 = 0x41c6ce57 ^ scale;
    FLOAT[0] = ts;
    h1 = Math.imul(h1 ^ WORDS[0]!, 2654435761);
    h2 = Math.imul(h2 ^ WORDS[1]!, 1597334677);
    h1 = Math.imul((h1 << 13) ^ (h1 >>> 19) ^ WORDS[1]!, 2246822507);
    h2 = Math.imul((h2 << 11) ^ (h2 >>> 21) ^ WORDS[0]!, 3266489909);
    FLOAT[0] = price;
    h1 = Math.imul((h1 << 13) ^ (h1 >>> 19) ^ WORDS[0]!, 2654435761);
    h2 = Math.imul((h2 << 11) ^ (h2 >>> 21) ^ WORDS[1]!, 1597334677);
    h1 = Math.imul((h1 << 13) ^ (h1 >>> 19) ^ WORDS[1]!, 2246822507);
    h2 = Math.imul((h2 << 11) ^ (h2 >>> 21) ^ WORDS[0]!, 3266489909);
    FLOAT[0] = units;
    h1 = Math.imul((h1 << 13) ^ (h1 >>> 19) ^ WORDS[0]!, 2654435761);
    h2 = Math.imul((h2 << 11) ^ (h2 >>> 21) ^ WORDS[1]!, 1597334677);
    h1 = Math.imul((h1 << 13) ^ (h1 >>> 19) ^ WORDS[1]!, 2246822507);
    h2 = Math.imul((h2 << 11) ^ (h2 >>> 21) ^ WORDS[0]!, 3266489909);
    h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
    h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
    this.#high = (this.#high + h1) | 0;
    this.#low = (this.#low + h2) | 0;
  }

  /** Adds the ticks behind another digest: 16 hex digits. */
  addDigest(hex: string): void {
    this.#high = (this.#high + Number.parseInt(hex.slice(0, 8), 16)) | 0;
    this.#low = (this.#low + Number.parseInt(hex.slice(8), 16)) | 0;
  }

  /** 16 hex digits. */
  toString(): string {
    return word(this.#high) + word(this.#low);
  }
}

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
