/** Seeded chance, as the market uses it; `ports/random.ts` fits. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  /** Standard normal. */
  normal(): number;
  /** An independent generator, determined by this one's seed and `name` alone. */
  fork(name: string): Chance;
}

/** How many of many independent, rare things happen when `mean` are expected. */
export function poisson(chance: Chance, mean: number): number {
  if (mean <= 0) return 0;
  // Near the mean of a large count the bell is the same thing, and its cost does not grow.
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * chance.normal()));
  const limit = Math.exp(-mean);
  let n = 0;
  for (let product = chance.next(); product > limit; product *= chance.next()) n += 1;
  return n;
}
