import { performance } from 'node:perf_hooks';
import type { Clock } from '../../ports/clock.ts';

/** The machine's clock. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done, { once: true });
      });
    },
    every(ms, tick, signal) {
      if (signal.aborted) return;
      let running = false;
      let timer: NodeJS.Timeout;
      const wait = (): void => {
        const now = performance.now();
        timer = setTimeout(due, nextOf(ms, now) - now);
        timer.unref();
      };
      async function due(): Promise<void> {
        wait();
        if (running) return;
        running = true;
        try {
          await tick();
        } finally {
          running = false;
        }
      }
      wait();
      signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    },
  };
}

/**
 * The next moment for what happens every `ms`: a multiple of that, at least half of it from now. So whatever is due now and then is due
 * together, and a process with little to do wakes a few times a second, not once for each of them.
 */
export const nextOf = (ms: number, now: number): number => (Math.floor(now / ms + 0.5) + 1) * ms;
