/**
 * The one-sided lower confidence bound of a share of which `agreeing` of `expected` were seen (Clopper and Pearson's exact one):
 * were the true share lower, so many or more would agree in fewer than 1 - `confidence` of all cases. 0 to 1.
 */
export function lowerBound(agreeing: number, expected: number, confidence = 0.95): number {
  if (agreeing === 0) return 0;
  const alpha = 1 - confidence;
  if (agreeing === expected) return alpha ** (1 / expected);
  let [low, high] = [0, agreeing / expected];
  // Each step halves the interval: after 60 it is below what a double can tell.
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, agreeing, expected - agreeing + 1) < alpha) low = middle;
    else high = middle;
  }
  return low;
}

/** How many more bars must agree, and none differ, before the lower bound reaches `threshold` percent (below 100); 0: it does already. */
export function barsUntilProven(agreeing: number, expected: number, threshold: number): number {
  const isProven = (more: number): boolean => lowerBound(agreeing + more, expected + more) * 100 >= threshold;
  if (expected > 0 && isProven(0)) return 0;
  let enough = 1;
  while (!isProven(enough)) enough *= 2;
  let tooFew = Math.floor(enough / 2);
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (isProven(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/** The regularized incomplete beta function I_x(a, b): for whole a the chance of at least a successes in a + b - 1 trials. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The continued fraction converges fast on this side of the mean only.
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;
const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/** The continued fraction of I_x(a, b), by the method of Lentz. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const step = c * d;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return fraction;
}

/** ln Γ(z) for z ≥ 1, by Stirling's series after raising z to where the series is exact to the last digits. */
function logGamma(z: number): number {
  let shift = 0;
  let x = z;
  for (; x < 15; x += 1) shift -= Math.log(x);
  const y = 1 / (x * x);
  const series = 1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - (y * 691) / 360_360))));
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series / x;
}
