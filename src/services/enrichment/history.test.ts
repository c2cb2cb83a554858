import { expect, test } from 'vitest';
import type { Entry } from '../../ports/entry-stream.ts';
import { beforeNewest } from './history.ts';

/** A stream of the entries 1-0 … 2500-0, newest first, that remembers how many it was asked for at once. */
function stream() {
  const asked: number[] = [];
  const all = Array.from({ length: 2_500 }, (_, n): Entry => ({ stream: 's', id: `${2_500 - n}-0`, fields: {} }));
  const newest = async (_stream: string, count: number, before?: string): Promise<Entry[]> => {
    asked.push(count);
    const from = all.findIndex(({ id }) => id === before) + 1;
    return all.slice(from, from + count);
  };
  return { asked, newest };
}

test.each`
  newest   | after
  ${0}     | ${'2500-0'}
  ${1}     | ${'2499-0'}
  ${999}   | ${'1501-0'}
  ${1000}  | ${'1500-0'}
  ${2499}  | ${'1-0'}
  ${2500}  | ${undefined}
  ${10000} | ${undefined}
`('the newest $newest entries of 2,500 begin after $after', async ({ newest, after }) => {
  expect(await beforeNewest(stream(), 's', newest as number)).toBe(after);
});

test('a long history is looked for a page at a time', async () => {
  const streams = stream();
  await beforeNewest(streams, 's', 2_100);
  expect(streams.asked).toEqual([1_000, 1_000, 101]);
});
