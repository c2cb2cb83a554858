import type { EnricherSettings } from './enricher-options.ts';
import type { PrevailingQuote } from './prevailing-quote.ts';
import { RollingSum, type RollingSumState } from './ring.ts';

export interface TradeSpreadsState {
  /** [due, price, sign, effective spread] of the trades that wait, the oldest first. */
  readonly pending: readonly (readonly [number, number, number, number])[];
  readonly realized: RollingSumState;
  readonly impact: RollingSumState;
}

/** Trades that may wait at once; of a denser burst the later ones are not measured. */
const MOST = 256;

/**
 * Realised spread of a trade: 2·D·(price − mid `realizedAfterMs` later), what the maker kept of the effective spread (Huang & Stoll 1996;
 * SEC Rule 605). Price impact: effective − realised spread, what the maker lost to the move. The later mid is that of the last quote up to
 * that instant, known at the first tick after it; a trade is left out where that quote no longer prevails. Both read as the mean over the last
 * `realizedWindow` trades measured.
 */
export class TradeSpreads {
  readonly #afterMs: number;
  readonly #due = new Float64Array(MOST);
  readonly #price = new Float64Array(MOST);
  readonly #sign = new Float64Array(MOST);
  readonly #effective = new Float64Array(MOST);
  #first = 0;
  #waiting = 0;
  readonly #realized: RollingSum;
  readonly #impact: RollingSum;

  constructor({ realizedAfterMs, realizedWindow }: EnricherSettings, state?: TradeSpreadsState) {
    this.#afterMs = realizedAfterMs;
    this.#realized = new RollingSum(realizedWindow, state?.realized);
    this.#impact = new RollingSum(realizedWindow, state?.impact);
    for (const each of state?.pending ?? []) this.#wait(...each);
  }

  /** A trade on the side `sign`, not 0. */
  trade(ts: number, price: number, sign: number, effective: number): void {
    if (this.#waiting < MOST) this.#wait(ts + this.#afterMs, price, sign, effective);
  }

  #wait(due: number, price: number, sign: number, effective: number): void {
    const at = (this.#first + this.#waiting) % MOST;
    this.#due[at] = due;
    this.#price[at] = price + 0;
    this.#sign[at] = sign;
    this.#effective[at] = effective;
    this.#waiting += 1;
  }

  /** Measures the trades whose instant is before `ts`. To be called before the tick at `ts` changes the quote. */
  settle(ts: number, quote: PrevailingQuote): void {
    while (this.#waiting > 0 && this.#due[this.#first]! < ts) {
      const at = this.#first;
      this.#first = (at + 1) % MOST;
      this.#waiting -= 1;
      const mid = quote.midAt(this.#due[at]!);
      if (Number.isNaN(mid)) continue;
      const realized = 2 * this.#sign[at]! * (this.#price[at]! - mid);
      this.#realized.push(realized);
      this.#impact.push(this.#effective[at]! - realized);
    }
  }

  /** NaN before the first measured trade. */
  get realized(): number {
    return this.#realized.count === 0 ? Number.NaN : this.#realized.sum / this.#realized.count;
  }

  get impact(): number {
    return this.#impact.count === 0 ? Number.NaN : this.#impact.sum / this.#impact.count;
  }

  snapshot(): TradeSpreadsState {
    const pending = Array.from({ length: this.#waiting }, (_, i) => {
      const at = (this.#first + i) % MOST;
      return [this.#due[at]!, this.#price[at]!, this.#sign[at]!, this.#effective[at]!] as const;
    });
    return { pending, realized: this.#realized.snapshot(), impact: this.#impact.snapshot() };
  }
}
