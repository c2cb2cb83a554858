import { expect, test } from 'vitest';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { systemRandom } from '../../src/adapters/random/system.ts';
import type { Random } from '../../src/ports/random.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { randomContract } from './random.contract.ts';

const of = (make: () => Random): Adapter<Random> => ({
  available: async () => null,
  open: async () => ({ subject: make(), dispose: async () => undefined }),
});

runContract(randomContract, { seeded: of(() => seededRandom(7)), system: of(systemRandom) });

test('the same seed gives the same numbers, forks included, and another seed others', () => {
  const drawn = (seed: number): (number | string)[] => {
    const random = seededRandom(seed);
    return [random.next(), random.int(1_000), random.normal(), random.id(), random.fork('EURUSD').next()];
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(8)).not.toEqual(drawn(7));
});

test('a fork does not depend on what was drawn before', () => {
  const random = seededRandom(7);
  const before = random.fork('EURUSD').next();
  random.next();
  expect(random.fork('EURUSD').next()).toBe(before);
});
