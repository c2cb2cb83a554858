import { orNull } from './absent.ts';

export interface PrevailingQuoteState {
  readonly bid: number | null;
  readonly ask: number | null;
  readonly at: number;
  readonly changedAt: number;
}

/** The last quote that entered the statistics. It prevails for `freshMs`, then nobody can say where the market is. */
export class PrevailingQuote {
  readonly #freshMs: number;
  /** NaN before the first, as are ask and mid. */
  bid: number;
  ask: number;
  mid: number;
  #at: number;
  #changedAt: number;

  constructor(freshMs: number, state?: PrevailingQuoteState) {
    this.#freshMs = freshMs;
    this.bid = state?.bid ?? Number.NaN;
    this.ask = state?.ask ?? Number.NaN;
    this.mid = (this.bid + this.ask) / 2;
    this.#at = state?.at ?? 0;
    this.#changedAt = state?.changedAt ?? 0;
  }

  /** The mid that prevails at `ts`, NaN where none does. */
  midAt(ts: number): number {
    return ts - this.#at < this.#freshMs ? this.mid : Number.NaN;
  }

  /** Whether a quote prevails at `ts`, and `price` lies between its sides. */
  holds(price: number, ts: number): boolean {
    if (ts - this.#at >= this.#freshMs) return false;
    return price >= Math.min(this.bid, this.ask) && price <= Math.max(this.bid, this.ask);
  }

  /** Whether a quote at `ts` repeats a bid and an ask that have not changed for `freshMs` or longer. */
  isStale(bid: number, ask: number, ts: number): boolean {
    return bid === this.bid && ask === this.ask && ts - this.#changedAt >= this.#freshMs;
  }

  set(bid: number, ask: number, ts: number): void {
    if (bid !== this.bid || ask !== this.ask) this.#changedAt = ts;
    this.bid = bid + 0;
    this.ask = ask + 0;
    this.mid = (bid + ask) / 2;
    this.#at = ts;
  }

  snapshot(): PrevailingQuoteState {
    return { bid: orNull(this.bid), ask: orNull(this.ask), at: this.#at, changedAt: this.#changedAt };
  }
}
