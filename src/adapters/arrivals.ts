import type { Clock } from '../ports/clock.ts';

/** Wakes those of this process who wait for something new, so that they need not look for it all the time. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something new is there. */
  announce(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next announcement, after `ms`, or when `signal` aborts. */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const wake = (): void => over.abort();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted) wake();
    await this.#clock.sleep(ms, over.signal);
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }
}
