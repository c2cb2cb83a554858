import { expect, test } from 'vitest';
import { canaries } from './canaries.ts';
import { runSeed } from './run.ts';

const SEEDS = 2_000;
const SIDE_BY_SIDE = 12;

/** The first seed in which the oracle says one of `finds`, and says nothing of it without the canary; null where none of them does. */
async function firstFound(name: string): Promise<number | null> {
  const { wiring, finds } = canaries[name]!;
  const says = async (seed: number, options: Parameters<typeof runSeed>[1]): Promise<boolean> =>
    (await runSeed(seed, options)).complaints.some(({ kind }) => finds.includes(kind));
  for (let from = 1; from <= SEEDS; from += SIDE_BY_SIDE) {
    const seeds = Array.from({ length: SIDE_BY_SIDE }, (_, i) => from + i);
    const found = await Promise.all(seeds.map((seed) => says(seed, { wiring })));
    for (const [i, seed] of seeds.entries()) if (found[i] && !(await says(seed, {}))) return seed;
  }
  return null;
}

test.each(Object.keys(canaries))('the oracle finds: %s', { timeout: 600_000 }, async (name) => {
  const seed = await firstFound(name);
  expect(seed, `no seed up to ${SEEDS} finds it`).not.toBeNull();
  expect(seed).toBeLessThanOrEqual(SEEDS);
});
