import { expect, test } from 'vitest';
import type { TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { UnderWay } from './under-way.ts';

const ticks = (count: number): TapeTick[] => Array.from({ length: count }, () => ({}) as TapeTick);
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

function desk() {
  const told: string[] = [];
  const tape = { taken: async (count: number) => void told.push(`taken ${count}`) } as unknown as TickTape;
  const underWay = new UnderWay(
    tape,
    (brought) => told.push(`brought ${brought.length}`),
    () => told.push('failed'),
  );
  const add = (count: number): PromiseWithResolvers<boolean> => {
    const brought = Promise.withResolvers<boolean>();
    underWay.add(ticks(count), brought.promise);
    return brought;
  };
  return { told, underWay, add };
}

test('the tape hears of ticks once they and all that it gave before them are in the log', async () => {
  const { told, underWay, add } = desk();
  const [first, second, third] = [add(3), add(5), add(2)];
  second.resolve(true);
  await turns();
  expect(told).toEqual(['brought 5']);
  first.resolve(true);
  await turns();
  expect(told.slice(1)).toEqual(['brought 3', 'taken 3', 'taken 5']);
  third.resolve(true);
  expect(await underWay.atMost(0)).toBe(true);
});

test('who waits for room goes on when there is, or when some could not be brought: then the tape hears of no more', async () => {
  const { told, underWay, add } = desk();
  const [first, second, third] = [add(3), add(5), add(2)];
  const [room, none] = [underWay.atMost(7), underWay.atMost(0)];
  first.resolve(true);
  expect(await room).toBe(true);
  second.resolve(false);
  third.resolve(true);
  expect(await none).toBe(false);
  expect(told.filter((line) => line !== 'brought 2')).toEqual(['brought 3', 'taken 3', 'failed']);
});

test('what no retry helps against is thrown where it is waited for', async () => {
  const { underWay, add } = desk();
  add(1).reject(new Error('ticks.rejected is refused'));
  await expect(underWay.atMost(0)).rejects.toThrow('ticks.rejected is refused');
});

test('after its end the tape hears of nothing: it may have begun to give anew', async () => {
  const { told, underWay, add } = desk();
  const first = add(3);
  await underWay.end();
  first.resolve(true);
  await turns();
  expect(told).toEqual(['brought 3']);
});
