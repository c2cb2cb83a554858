/** `window` with `value` behind it, and without its oldest value once it would hold more than `size`. */
export function push(window: readonly number[], size: number, value: number): number[] {
  const next = window.slice(window.length < size ? 0 : 1);
  next.push(value);
  return next;
}

/**
 * Arithmetic mean. Summed anew over the window, since a running sum drifts with the length of the tape, and as distances from the first
 * value, so that the mean of equal values is exactly that value.
 */
export function mean(window: readonly number[]): number {
  const origin = window[0]!;
  let sum = 0;
  for (const value of window) sum += value - origin;
  return origin + sum / window.length;
}

/** Standard deviation of the whole population (divided by n, not by n − 1) around its mean. */
export function populationDeviation(window: readonly number[]): number {
  const middle = mean(window);
  let squares = 0;
  for (const value of window) squares += (value - middle) ** 2;
  return Math.sqrt(squares / window.length);
}
