import { Ring, type RingState } from './ring.ts';

/** The newest `capacity` numbers in order of size, for ranks and robust statistics. An insertion moves only what lies between the places of the old and the new number. */
export class SortedWindow {
  readonly #ring: Ring;
  readonly #sorted: Float64Array;

  constructor(capacity: number, state?: RingState) {
    this.#ring = new Ring(capacity, state);
    this.#sorted = new Float64Array(capacity);
    this.#sorted.set(this.#ring.values.slice(0, this.#ring.count).sort());
  }

  get count(): number {
    return this.#ring.count;
  }

  push(value: number): void {
    const sorted = this.#sorted;
    const { count, full } = this.#ring;
    const left = this.#ring.push(value);
    let at = full ? this.#below(left, count) : count;
    for (; at > 0 && sorted[at - 1]! > value; at -= 1) sorted[at] = sorted[at - 1]!;
    const end = full ? count - 1 : at;
    for (; at < end && sorted[at + 1]! < value; at += 1) sorted[at] = sorted[at + 1]!;
    sorted[at] = value + 0;
  }

  /** Mean of the two middle numbers where their count is even. */
  median(): number {
    const { count } = this.#ring;
    return (this.#sorted[(count - 1) >> 1]! + this.#sorted[count >> 1]!) / 2;
  }

  /** Median absolute deviation from the median: walks outwards from the middle, half the window at most. */
  mad(): number {
    const sorted = this.#sorted;
    const { count } = this.#ring;
    const median = this.median();
    let low = (count - 1) >> 1;
    let high = low + 1;
    let before = 0;
    let distance = 0;
    for (let i = 0; i <= count >> 1; i += 1) {
      before = distance;
      const down = low >= 0 ? median - sorted[low]! : Number.POSITIVE_INFINITY;
      const up = high < count ? sorted[high]! - median : Number.POSITIVE_INFINITY;
      if (down <= up) {
        distance = down;
        low -= 1;
      } else {
        distance = up;
        high += 1;
      }
    }
    return (count & 1) === 1 ? distance : (before + distance) / 2;
  }

  /** Mean absolute deviation from the median. */
  meanDeviation(): number {
    const { count } = this.#ring;
    const median = this.median();
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += Math.abs(this.#sorted[i]! - median);
    return sum / count;
  }

  /** Share of the other numbers that are greater than `value`, which is one of them; equal ones count half; ½ where there are no others. */
  shareAbove(value: number): number {
    const { count } = this.#ring;
    if (count < 2) return 0.5;
    const below = this.#below(value, count);
    const notAbove = this.#notAbove(value, count);
    return (count - notAbove + (notAbove - below - 1) / 2) / (count - 1);
  }

  /** How many of the first `count` are below `value`. */
  #below(value: number, count: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many of the first `count` are not above `value`. Found by halves too: most spreads of a tape are equal. */
  #notAbove(value: number, count: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  snapshot(): RingState {
    return this.#ring.snapshot();
  }
}
