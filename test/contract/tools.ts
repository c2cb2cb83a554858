import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: waits for real engines
import type { Adapter } from './adapter.ts';

/** What a case has beside its subject. */
export interface Tools<S> {
  /** A name that no other case uses: `ticks` gives `ticks-9f3a61c2`. */
  name(word: string): string;
  /** Another handle on the same data, as another process would hold it. */
  another(): Promise<S>;
  /** Closes the newest subject, orderly, and gives a new one on the same data. */
  restart(): Promise<S>;
  /** Does to the engine what its adapter knows under this name. */
  fault(name: string): Promise<void>;
  /** Aborts when the case is over: pass it to what runs until told to end. */
  readonly signal: AbortSignal;
  /** Keeps an eye on work that goes on beside the case: if it rejects the case fails at once; it must end once `signal` aborts. */
  background(work: Promise<unknown>): void;
  /** Resolves when `condition` holds (or resolves to true); rejects with `what` after `limitMs` (default 60_000). Never wait for a time instead. */
  until(what: string, condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
}

/** Runs one case on an engine opened for it, and clears up after it. */
export async function withTools<S>(
  adapter: Adapter<S>,
  prove: (subject: S, tools: Tools<S>) => Promise<void>,
  outer: AbortSignal,
): Promise<void> {
  const opened = await adapter.open();
  const end = new AbortController();
  const signal = AbortSignal.any([outer, end.signal]);
  const works: Promise<unknown>[] = [];
  const failed = Promise.withResolvers<never>();
  // Most cases end without a failure, and then nobody listens.
  failed.promise.catch(() => undefined);
  outer.addEventListener('abort', () => failed.reject(outer.reason));

  const offered = <T>(ability: (() => Promise<T>) | undefined, word: string): Promise<T> =>
    ability === undefined
      ? Promise.reject(
          new Error(`the adapter offers no ${word}: add it to what open() gives, or waive the case with a reason`),
        )
      : ability();
  const tools: Tools<S> = {
    name: (word) => `${word}-${randomBytes(4).toString('hex')}`,
    another: () => offered(opened.another, 'another()'),
    restart: () => offered(opened.restart, 'restart()'),
    fault: (name) => offered(opened.faults?.[name], `fault "${name}"`),
    signal,
    background(work) {
      works.push(work);
      work.catch(failed.reject);
    },
    async until(what, condition, limitMs = 60_000) {
      const limit = AbortSignal.any([AbortSignal.timeout(limitMs), signal]);
      while (!(await Promise.race([condition(), failed.promise]))) {
        if (limit.aborted) throw new Error(`waited in vain until ${what}`);
        await Promise.race([sleep(10), failed.promise]);
      }
    },
  };
  try {
    await Promise.race([prove(opened.subject, tools), failed.promise]);
    end.abort();
    await Promise.race([Promise.all(works), failed.promise]);
  } finally {
    end.abort();
    await Promise.allSettled(works);
    await opened.dispose();
  }
}
