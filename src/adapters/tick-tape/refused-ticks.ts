import type { TapeEnd } from '../../ports/tick-tape.ts';
import { CLOCK_SKEW_MS } from './stretch.ts';

/** How often an equal payload was set aside, and when the last of them was received (epoch milliseconds). */
interface Refused {
  readonly count: number;
  readonly lastAt: number;
}

/** What of symbols was set aside, and so stands elsewhere than the rest of their ticks. */
export class RefusedTicks {
  readonly ends: ReadonlyMap<string, TapeEnd>;
  readonly #refused = new Map<string, ReadonlyMap<number, Refused>>();

  constructor(ends: ReadonlyMap<string, TapeEnd>) {
    this.ends = ends;
    for (const [symbol, { hashes, receivedAt, times }] of ends) {
      const own = new Map<number, Refused>();
      hashes.forEach((hash, i) => {
        own.set(hash, { count: (own.get(hash)?.count ?? 0) + 1, lastAt: times?.[i] ?? receivedAt });
      });
      this.#refused.set(symbol, own);
    }
  }

  /** Whether a payload of this symbol was set aside that is equal to this one. */
  has(symbol: string, hash: number): boolean {
    return this.#refused.get(symbol)?.has(hash) ?? false;
  }

  /** When the first of those was received that a stream may have from `from` on; null: it has none (epoch milliseconds). */
  first(from: number): number | null {
    let first: number | null = null;
    for (const own of this.#refused.values())
      for (const { lastAt } of own.values())
        if (lastAt >= from - CLOCK_SKEW_MS) first = Math.min(first ?? lastAt, lastAt);
    return first;
  }

  /**
   * Whether the `nth` equal one was, which was published at `ms` (epoch milliseconds). `perhaps`: it may be another, of which nobody knows; an
   * equal one that was published later is another for certain. `knownUntil`: of what was published before, every equal one is counted, or known
   * to have been received (epoch milliseconds).
   */
  had(symbol: string, hash: number, ms: number, nth: number, knownUntil: number): 'yes' | 'no' | 'perhaps' {
    const refused = this.#refused.get(symbol)?.get(hash);
    if (refused === undefined || ms > refused.lastAt + CLOCK_SKEW_MS) return 'no';
    return nth <= refused.count && ms <= Math.max(refused.lastAt, knownUntil) ? 'yes' : 'perhaps';
  }
}
