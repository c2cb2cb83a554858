/** Waiting places for each call that may run at the same time. */
const WAITING_PER_RUNNING = 4;

export interface Turns {
  /** Resolves with what gives the turn back. Null: too many wait already, or `signal` aborted before there was one. */
  take(signal: AbortSignal): Promise<(() => void) | null>;
}

/** At most `concurrency` turns at a time, first come first served; the rest wait in a queue that has an end. */
export function turns(concurrency: number): Turns {
  let running = 0;
  let waiting: (() => void)[] = [];
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (running < concurrency) {
        running += 1;
        return Promise.resolve(giveBack);
      }
      if (waiting.length >= concurrency * WAITING_PER_RUNNING) return Promise.resolve(null);
      return new Promise((resolve) => {
        const leave = (): void => {
          waiting = waiting.filter((each) => each !== enter);
          resolve(null);
        };
        const enter = (): void => {
          signal.removeEventListener('abort', leave);
          resolve(giveBack);
        };
        waiting.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
