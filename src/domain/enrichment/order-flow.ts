import { RollingSum, type RollingSumState } from './ring.ts';

export interface OrderFlowState {
  readonly events: RollingSumState;
  readonly signed: RollingSumState;
  readonly volume: RollingSumState;
}

/**
 * Order-flow imbalance over the last `window` quotes, and over the last `window` trades.
 *
 * Quotes: Cont, Kukanov & Stoikov (2014), e = 1{b ≥ b′}q − 1{b ≤ b′}q′ − 1{a ≤ a′}q + 1{a ≥ a′}q′ for bid b and ask a after b′ and a′.
 * A tick carries no sizes, so that each is 1 and e = sgn(b − b′) + sgn(a − a′); the imbalance is Σe / 2n, 1 when both sides rose at each of
 * n quotes. Trades: Σ D·v / Σ v, with D the trade's sign; a trade without volume weighs 1.
 */
export class OrderFlow {
  readonly #events: RollingSum;
  readonly #signed: RollingSum;
  readonly #volume: RollingSum;

  constructor(window: number, state?: OrderFlowState) {
    this.#events = new RollingSum(window, state?.events);
    this.#signed = new RollingSum(window, state?.signed);
    this.#volume = new RollingSum(window, state?.volume);
  }

  /** A quote that moved the bid and the ask by so much. */
  quote(bidMove: number, askMove: number): void {
    this.#events.push(Math.sign(bidMove) + Math.sign(askMove));
  }

  trade(sign: number, volume: number): void {
    this.#signed.push(sign * volume);
    this.#volume.push(volume);
  }

  /** NaN before the second quote. */
  ofQuotes(): number {
    return this.#events.count === 0 ? Number.NaN : this.#events.sum / (2 * this.#events.count);
  }

  /** NaN before the first trade. */
  ofTrades(): number {
    const total = this.#volume.sum;
    return total > 0 ? Math.max(-1, Math.min(1, this.#signed.sum / total)) : Number.NaN;
  }

  snapshot(): OrderFlowState {
    return { events: this.#events.snapshot(), signed: this.#signed.snapshot(), volume: this.#volume.snapshot() };
  }
}
