import { expect, test } from 'vitest';
import { joined } from './joined.ts';

/** A reading that ends when told, with how many were begun by then. */
function desk() {
  const ends: { done(): void; fail(error: Error): void }[] = [];
  const read = joined(() => {
    const number = ends.length + 1;
    return new Promise<number>((resolve, reject) => {
      ends.push({ done: () => resolve(number), fail: reject });
    });
  });
  return { read, ends };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who asks while one runs has the next, which begins after they asked, and all of them the same', async () => {
  const { read, ends } = desk();
  const first = read();
  const rest = [read(), read(), read()];
  expect(ends).toHaveLength(1);
  ends[0]!.done();
  expect(await first).toBe(1);
  await settle();
  const last = read();
  expect(ends).toHaveLength(2);
  ends[1]!.done();
  expect(await Promise.all(rest)).toEqual([2, 2, 2]);
  await settle();
  ends[2]!.done();
  expect(await last).toBe(3);
});

test('one that fails fails for those who had it, and the next is begun all the same', async () => {
  const { read, ends } = desk();
  const [first, second] = [read(), read()];
  ends[0]!.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await settle();
  ends[1]!.done();
  expect(await second).toBe(2);
  const third = read();
  await settle();
  ends[2]!.done();
  expect(await third).toBe(3);
});
