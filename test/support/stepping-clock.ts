import type { Clock } from '../../src/ports/clock.ts';

export interface SteppingClock extends Clock {
  /** Lets time pass without anybody sleeping. */
  advance(ms: number): void;
}

/** A clock on which time passes only when somebody sleeps, and then at once. */
export function steppingClock(now: number): SteppingClock {
  let passed = 0;
  return {
    now: () => now + passed,
    monotonic: () => passed,
    sleep(ms, signal) {
      if (!signal?.aborted) passed += ms;
      // Through the event loop, as with a real timer.
      return new Promise((resolve) => setImmediate(resolve));
    },
    every: () => undefined,
    advance(ms) {
      passed += ms;
    },
  };
}
