import type { TapeEnd } from '../../ports/tick-tape.ts';
import { CLOCK_SKEW_MS } from './stretch.ts';

/** What of symbols was set aside, and so stands elsewhere than the rest of their ticks. */
export class RefusedTicks {
  readonly ends: ReadonlyMap<string, TapeEnd>;
  readonly #hashes = new Map<string, ReadonlySet<number>>();

  constructor(ends: ReadonlyMap<string, TapeEnd>) {
    this.ends = ends;
    for (const [symbol, { hashes }] of ends) this.#hashes.set(symbol, new Set(hashes));
  }

  /** Whether a payload of this symbol was set aside that is equal to this one. */
  has(symbol: string, hash: number): boolean {
    return this.#hashes.get(symbol)?.has(hash) ?? false;
  }

  /** Whether it was this one, by when it was published (epoch milliseconds). */
  hadBy(symbol: string, hash: number, ms: number): boolean {
    return this.has(symbol, hash) && ms <= this.ends.get(symbol)!.receivedAt + CLOCK_SKEW_MS;
  }
}
