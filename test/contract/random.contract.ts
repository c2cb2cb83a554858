import { expect } from 'vitest';
import type { Random } from '../../src/ports/random.ts';
import { contract } from './contract.ts';

const draws = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

export const randomContract = contract<Random>('random', [
  [
    'draws evenly from [0, 1)',
    async (random) => {
      const values = draws(20_000, () => random.next());
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
      expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.02);
      for (let tenth = 0; tenth < 10; tenth += 1) {
        const share = values.filter((value) => Math.floor(value * 10) === tenth).length / values.length;
        expect(Math.abs(share - 0.1)).toBeLessThan(0.02);
      }
    },
  ],
  [
    'draws every whole number below a bound, and no other',
    async (random) => {
      expect(new Set(draws(1_000, () => random.int(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    },
  ],
  [
    'draws normally: mean 0, deviation 1',
    async (random) => {
      const values = draws(20_000, () => random.normal());
      expect(Math.abs(mean(values))).toBeLessThan(0.05);
      expect(Math.abs(Math.sqrt(mean(values.map((value) => value * value))) - 1)).toBeLessThan(0.05);
    },
  ],
  [
    'gives identifiers of the length asked for that do not repeat',
    async (random) => {
      expect(random.id()).toMatch(/^[0-9a-f]{8}$/);
      expect(random.id(8)).toMatch(/^[0-9a-f]{16}$/);
      expect(new Set(draws(1_000, () => random.id(8))).size).toBe(1_000);
    },
  ],
  [
    'forks into generators that do not follow one another',
    async (random) => {
      const [a, b] = [random.fork('EURUSD'), random.fork('GBPUSD')];
      expect(draws(20, () => a.next())).not.toEqual(draws(20, () => b.next()));
    },
  ],
]);
