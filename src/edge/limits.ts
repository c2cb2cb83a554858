import type { Clock } from '../ports/clock.ts';
import { Refusal } from './refusals.ts';

/** Names of callers that are remembered; the one that came first is forgotten first. */
const MOST_CALLERS = 10_000;

/**
 * A bucket of tokens for each caller: `perMinute` at once, and as many more in each minute, evenly. 0: no limit.
 * Throws a 429 with Retry-After where a bucket is empty.
 */
export function rateLimit(perMinute: number, what: string, clock: Clock): (caller: string) => void {
  if (perMinute === 0) return () => undefined;
  const buckets = new Map<string, { tokens: number; at: number }>();
  const perMs = perMinute / 60_000;
  return (caller) => {
    const now = clock.monotonic();
    let bucket = buckets.get(caller);
    if (bucket === undefined) {
      if (buckets.size >= MOST_CALLERS) buckets.delete(buckets.keys().next().value!);
      buckets.set(caller, (bucket = { tokens: perMinute, at: now }));
    }
    bucket.tokens = Math.min(perMinute, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
    if (bucket.tokens < 1) {
      const seconds = Math.ceil((1 - bucket.tokens) / perMs / 1_000);
      throw new Refusal(429, 'rate', `more than ${perMinute} ${what} a minute; try again in ${seconds} s`, {
        'retry-after': String(seconds),
      });
    }
    bucket.tokens -= 1;
  };
}
