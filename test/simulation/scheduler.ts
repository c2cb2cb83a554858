const bits = new DataView(new ArrayBuffer(8));

/** Something that will happen. */
export interface Due {
  /** Milliseconds since the simulation began. */
  readonly at: number;
  /** Rises with each: what is due at the same time happens in the order in which it was asked for. */
  readonly order: number;
  readonly label: string;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * The only thing that moves a simulation: whatever completes, at an engine or on a clock, is due here, and is released alone. Before the
 * next one everything that follows from it without waiting has happened.
 */
export class Scheduler {
  readonly #heap: Due[] = [];
  #now = 0;
  #order = 0;
  #hash = 0x811c9dc5;
  /** How many were released. */
  released = 0;
  /** Told each label as it is released; null: nobody listens. */
  onRelease: ((at: number, label: string) => void) | null = null;

  /** Milliseconds since the simulation began, with fractions. */
  get now(): number {
    return this.#now;
  }

  /** A hash of all that was released, in order: equal for equal runs. */
  get trace(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  /** Lets `run` happen at `at`, or now where that is past. */
  at(at: number, label: string, run: () => void): Due {
    this.#order += 1;
    const due = { at: Math.max(at, this.#now), order: this.#order, label, run, cancelled: false };
    this.#push(due);
    return due;
  }

  after(ms: number, label: string, run: () => void): Due {
    return this.at(this.#now + ms, label, run);
  }

  /** Notes something that must be the same in every run of a seed. */
  note(text: string): void {
    let hash = this.#hash;
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    this.#hash = hash;
  }

  #noteTime(at: number): void {
    bits.setFloat64(0, at);
    this.#hash = Math.imul(Math.imul(this.#hash ^ bits.getInt32(0), 0x01000193) ^ bits.getInt32(4), 0x01000193);
  }

  /** Releases one after the other all that is due up to `until`, which is then the time. */
  async runUntil(until: number): Promise<void> {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      if (next.cancelled) continue;
      this.#now = next.at;
      this.released += 1;
      this.#noteTime(next.at);
      this.note(next.label);
      this.onRelease?.(next.at, next.label);
      next.run();
      await settled();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** When the next is due; null where nothing is. */
  get next(): number | null {
    while (this.#heap[0]?.cancelled) this.#pop();
    return this.#heap[0]?.at ?? null;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!earlier(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (!earlier(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const earlier = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Promises go on among themselves before the event loop turns: after a turn nothing is left that waits for no completion. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
