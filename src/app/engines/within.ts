import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';

const ANSWER_MS = 3_000;

/** What an engine answers. Rejects with `engine.silent`, or what `silent` gives, where that takes three seconds: it may take its own time-out much longer to say so. */
export async function within<T>(
  answer: Promise<T>,
  name: string,
  clock: Clock,
  silent = (seconds: number) => new PulseError('engine.silent', { engine: name, seconds }),
): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(ANSWER_MS, over.signal).then((): T => {
    if (over.signal.aborted) return undefined as T;
    throw silent(ANSWER_MS / 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
  }
}
