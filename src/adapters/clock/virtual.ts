import type { Clock } from '../../ports/clock.ts';

/** A clock for simulations. */
export interface VirtualClock extends Clock {
  /** Lets `ms` pass: what is due happens in order of time, equal times in the order of their calls, each settled before the next. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly due: number;
  readonly run: () => void | Promise<void>;
}

/** Time passes only when it is told to. `start` in epoch milliseconds. */
// for-tests: simulations run on it
export function virtualClock(start: number): VirtualClock {
  let passed = 0;
  let timers: Timer[] = [];
  const set = (ms: number, run: Timer['run']): Timer => {
    const timer = { due: passed + Math.max(0, ms), run };
    const at = timers.findIndex(({ due }) => due > timer.due);
    timers.splice(at === -1 ? timers.length : at, 0, timer);
    return timer;
  };
  const drop = (timer: Timer): void => {
    timers = timers.filter((each) => each !== timer);
  };
  return {
    now: () => start + Math.floor(passed),
    monotonic: () => passed,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = (): void => {
          drop(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = set(ms, done);
        signal?.addEventListener('abort', done, { once: true });
      }),
    every(ms, tick, signal) {
      if (signal.aborted) return;
      let running = false;
      const again = async (): Promise<void> => {
        timer = set(ms, again);
        if (running) return;
        running = true;
        try {
          await tick();
        } finally {
          running = false;
        }
      };
      let timer = set(ms, again);
      signal.addEventListener('abort', () => drop(timer), { once: true });
    },
    async advance(ms) {
      const until = passed + ms;
      for (let next = timers[0]; next !== undefined && next.due <= until; next = timers[0]) {
        passed = next.due;
        timers.shift();
        void next.run(); // detached: a timer of the system is not awaited either; a failure is an unhandled rejection
        // What waited for it goes on before time does.
        await settled();
      }
      passed = until;
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
