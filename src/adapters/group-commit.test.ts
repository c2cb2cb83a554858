import { expect, test } from 'vitest';
import { GroupCommit } from './group-commit.ts';

const limits = { maxItems: 3, maxBytes: 100, sizeOf: (item: string) => item.length };

/** A commit that goes on when it is told to, and what it was given. */
function byHand() {
  const groups: string[][] = [];
  const ends: PromiseWithResolvers<(string | Error)[]>[] = [];
  const puts = new GroupCommit<string, string>((items) => {
    groups.push([...items]);
    ends.push(Promise.withResolvers());
    return ends.at(-1)!.promise;
  }, limits);
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    groups,
    add: (item: string) => puts.add(item),
    turn,
    async end(): Promise<void> {
      ends.at(-1)!.resolve(groups.at(-1)!.map((item) => `${item}!`));
      await turn();
    },
    async fail(error: Error): Promise<void> {
      ends.at(-1)!.reject(error);
      await turn();
    },
    resolve: (results: (string | Error)[]) => ends.at(-1)!.resolve(results),
  };
}

test('what comes together, and what comes while a group is on its way, shares a group, in order', async () => {
  const { groups, add, turn, end } = byHand();
  const answers = [add('a'), add('b')];
  await turn();
  answers.push(add('c'), add('d'));
  await turn();
  expect(groups).toEqual([['a', 'b']]);
  await end();
  expect(groups).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  await end();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!']);
});

test('a group has no more items and bytes than allowed, and a larger item goes alone', async () => {
  const { groups, add, turn, end } = byHand();
  const answers = ['a', 'b', 'c', 'd', 'x'.repeat(99), 'y'.repeat(500), 'e'].map(add);
  await turn();
  for (let i = 0; i < 4; i += 1) await end();
  expect(groups.map((group) => group.map(({ length }) => length))).toEqual([[1, 1, 1], [1, 99], [500], [1]]);
  expect(await Promise.all(answers)).toHaveLength(7);
});

test('an error among the results is that of its item alone', async () => {
  const { add, turn, resolve } = byHand();
  const answers = Promise.allSettled([add('a'), add('b')]);
  await turn();
  resolve([new Error('used'), 'b!']);
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('when a commit fails those that wait fail with it, and those that come later are tried', async () => {
  const { groups, add, turn, end, fail } = byHand();
  const answers = Promise.allSettled([add('a'), add('b'), add('c'), add('d')]);
  await turn();
  await fail(new Error('away'));
  expect((await answers).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
  expect(groups).toHaveLength(1);
  const later = add('e');
  await turn();
  await end();
  expect(await later).toBe('e!');
});
