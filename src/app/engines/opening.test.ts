import { expect, test } from 'vitest';
import { opening } from './opening.ts';

interface Shelf {
  take(name: string, count: number): Promise<string>;
}

test('it is opened by the first call, once, and tried anew by the call after one that failed', async () => {
  const opens: string[] = [];
  const shelf = opening(async (): Promise<Shelf> => {
    opens.push('open');
    if (opens.length === 1) throw new Error('away');
    return { take: async (name, count) => `${count} ${name}` };
  }, ['take']);
  expect(opens).toEqual([]);
  await expect(shelf.take('bars', 2)).rejects.toThrow('away');
  expect(await Promise.all([shelf.take('bars', 2), shelf.take('ticks', 3)])).toEqual(['2 bars', '3 ticks']);
  expect(opens).toEqual(['open', 'open']);
});
