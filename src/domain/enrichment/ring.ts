/** A ring as plain JSON. The place of writing belongs to it: sums are rebuilt when the ring has gone round. */
export interface RingState {
  /** As they lie in memory, so that the oldest is at `head` once the ring is full. */
  readonly values: readonly number[];
  readonly head: number;
}

/** The newest `capacity` numbers, allocated once. */
export class Ring {
  readonly values: Float64Array;
  count = 0;
  /** Where the next number goes. */
  head = 0;

  constructor(capacity: number, state?: RingState) {
    this.values = new Float64Array(capacity);
    if (state === undefined) return;
    this.values.set(state.values);
    this.count = state.values.length;
    this.head = state.head;
  }

  get full(): boolean {
    return this.count === this.values.length;
  }

  /** Takes `value` in; gives the number that left, 0 while the ring was filling. */
  push(value: number): number {
    const { values, head } = this;
    const left = values[head]!;
    // Minus zero would come back from JSON as zero.
    values[head] = value + 0;
    this.head = head + 1 === values.length ? 0 : head + 1;
    if (this.count < values.length) this.count += 1;
    return left;
  }

  sum(): number {
    let sum = 0;
    for (let i = 0; i < this.count; i += 1) sum += this.values[i]!;
    return sum;
  }

  snapshot(): RingState {
    return { values: [...this.values.subarray(0, this.count)], head: this.head };
  }
}

export interface RollingSumState {
  readonly ring: RingState;
  readonly sum: number;
}

/** A number that leaves and is this much greater than the sum that stays has taken the digits of that sum with it. */
const DOMINANT = 1e6;

/** The sum of the newest numbers. It is added up anew whenever the ring has gone round or a dominant number has left, so that rounding cannot pile up. */
export class RollingSum {
  readonly #ring: Ring;
  #sum: number;

  constructor(capacity: number, state?: RollingSumState) {
    this.#ring = new Ring(capacity, state?.ring);
    this.#sum = state?.sum ?? 0;
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#ring.count;
  }

  push(value: number): void {
    const left = this.#ring.push(value);
    this.#sum += value - left;
    if (this.#ring.head === 0 || Math.abs(left) > DOMINANT * Math.abs(this.#sum)) this.#sum = this.#ring.sum();
  }

  snapshot(): RollingSumState {
    return { ring: this.#ring.snapshot(), sum: this.#sum };
  }
}
