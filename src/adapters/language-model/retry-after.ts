/** Longest wait that is believed: a week. */
const LONGEST_MS = 7 * 86_400_000;

/** How long a provider wants to be left alone, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. Undefined where it does not say. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const ms = amount(headers.get('retry-after-ms'));
  if (ms !== undefined) return bounded(ms);
  const text = headers.get('retry-after');
  const seconds = amount(text);
  if (seconds !== undefined) return bounded(seconds * 1_000);
  // Date.parse takes much that is no date, such as "-1"; an HTTP date begins with the name of a day.
  const at = text !== null && /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? bounded(at - now) : undefined;
}

const amount = (text: string | null): number | undefined =>
  text !== null && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;

const bounded = (ms: number): number => Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms)));
