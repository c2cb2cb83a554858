import type { Clock } from '../ports/clock.ts';

/** How often whoever waits looks for what other processes have written; of this process's it hears. */
const POLL_MS = 250;

/** Wakes those of this process who wait for something new, so that they need not look for it all the time. */
export class Arrivals {
  readonly #waiting = new Set<() => void>();

  /** Something new is there. */
  announce(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next announcement, when `signal` aborts, or when it is time to look for oneself: at one moment for all who wait for something. */
  async next(clock: Clock, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const wake = (): void => over.abort();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted) wake();
    await clock.sleep(POLL_MS - (clock.monotonic() % POLL_MS), over.signal);
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }
}
