import { orNull } from './absent.ts';
import { Ring, type RingState } from './ring.ts';

export interface KyleLambdaState {
  readonly flows: RingState;
  readonly moves: RingState;
  /** Σx, Σy, Σxx, Σxy. */
  readonly sums: readonly [number, number, number, number];
  readonly pendingFlow: number | null;
  readonly pendingMid: number | null;
}

/** What is left of Σ(x − x̄)² relative to Σx² is rounding below this. */
const FLAT = 1e-12;
/** As in RollingSum: a square that leaves and is this much greater than those that stay has taken their digits with it. */
const DOMINANT = 1e6;

/**
 * Kyle's lambda (Kyle 1985): slope of the ordinary least squares line, with intercept, of the price's move on signed volume over the last
 * `window` pairs; price per unit of volume. Trades at a fresh quote: a trade's signed volume with the change of the prevailing mid until the
 * next trade, its response. Trades without one: with the trade's own change of price. A tape of quotes alone: tick volume signed by the tick
 * rule, with the quote's own change of mid. The four sums are added up anew whenever the ring has gone round, so that rounding cannot pile up.
 */
export class KyleLambda {
  readonly #flows: Ring;
  readonly #moves: Ring;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  #pendingFlow: number;
  #pendingMid: number;

  constructor(window: number, state?: KyleLambdaState) {
    this.#flows = new Ring(window, state?.flows);
    this.#moves = new Ring(window, state?.moves);
    if (state !== undefined) [this.#x, this.#y, this.#xx, this.#xy] = state.sums;
    this.#pendingFlow = state?.pendingFlow ?? Number.NaN;
    this.#pendingMid = state?.pendingMid ?? Number.NaN;
  }

  /** A trade at a fresh quote: the pair of the trade before it is complete. */
  respond(flow: number, mid: number): void {
    if (!Number.isNaN(this.#pendingMid)) this.#pair(this.#pendingFlow, mid - this.#pendingMid);
    this.#pendingFlow = flow + 0;
    this.#pendingMid = mid + 0;
  }

  /** Flow with the move that came with it; NaN is no move. */
  move(flow: number, move: number): void {
    this.#pendingMid = Number.NaN;
    this.#pendingFlow = Number.NaN;
    if (!Number.isNaN(move)) this.#pair(flow, move);
  }

  #pair(x: number, y: number): void {
    const oldX = this.#flows.push(x);
    const oldY = this.#moves.push(y);
    this.#x += x - oldX;
    this.#y += y - oldY;
    this.#xx += x * x - oldX * oldX;
    this.#xy += x * y - oldX * oldY;
    if (this.#flows.head === 0 || oldX * oldX > DOMINANT * Math.abs(this.#xx)) this.#addUp();
  }

  #addUp(): void {
    this.#x = 0;
    this.#y = 0;
    this.#xx = 0;
    this.#xy = 0;
    for (let i = 0; i < this.#flows.count; i += 1) {
      const x = this.#flows.values[i]!;
      const y = this.#moves.values[i]!;
      this.#x += x;
      this.#y += y;
      this.#xx += x * x;
      this.#xy += x * y;
    }
  }

  /** NaN until the window is full, and where the flow does not vary. */
  get value(): number {
    if (!this.#flows.full) return Number.NaN;
    const n = this.#flows.count;
    const variance = this.#xx - (this.#x * this.#x) / n;
    if (!(variance > FLAT * this.#xx)) return Number.NaN;
    return (this.#xy - (this.#x * this.#y) / n) / variance;
  }

  snapshot(): KyleLambdaState {
    return {
      flows: this.#flows.snapshot(),
      moves: this.#moves.snapshot(),
      sums: [this.#x + 0, this.#y + 0, this.#xx + 0, this.#xy + 0],
      pendingFlow: orNull(this.#pendingFlow),
      pendingMid: orNull(this.#pendingMid),
    };
  }
}
