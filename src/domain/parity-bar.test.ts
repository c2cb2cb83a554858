import { expect, test } from 'vitest';
import { type SideBar, settledBar, settledBars } from './parity-bar.ts';

const bar = (change: Partial<SideBar>): SideBar => ({
  start: 0,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: '0',
  n: 5,
  rev: 0,
  digest: '00000000000000aa',
  partial: false,
  place: 10,
  ...change,
});

test.each`
  first                             | last                              | counts     | why
  ${{ n: 7 }}                       | ${{ n: 6 }}                       | ${'first'} | ${'more ticks, though rewritten after a crash'}
  ${{ n: 6 }}                       | ${{ n: 7 }}                       | ${'last'}  | ${'more ticks'}
  ${{ n: 7, place: 1, rev: 0 }}     | ${{ n: 6, place: 99, rev: 9 }}    | ${'first'} | ${'ticks come before place and rev'}
  ${{ place: 12, rev: 0 }}          | ${{ place: 11, rev: 5 }}          | ${'first'} | ${'the place comes before rev'}
  ${{ rev: 2, close: 1 }}           | ${{ rev: 1, close: 1 }}           | ${'first'} | ${'the later correction'}
  ${{ digest: '00000000000000aa' }} | ${{ digest: '00000000000000bb' }} | ${'last'}  | ${'else the last given'}
  ${{ n: null }}                    | ${{ n: 0 }}                       | ${'last'}  | ${'a count, even none, before no count'}
`('of two versions of a bar the $counts counts: $why', ({ first, last, counts }) => {
  const versions = { first: bar(first), last: bar(last) };
  expect(settledBar([versions.first, versions.last]).bar).toBe(versions[counts as 'first']);
});

test('settled bars are one for each minute, in order of time', () => {
  const versions = [bar({ start: 60_000 }), bar({ start: 0, n: 2 }), bar({ start: 0, n: 3 }), bar({ start: 0, n: 1 })];
  expect(settledBars(versions).map(({ start, n }) => [start, n])).toEqual([
    [0, 3],
    [60_000, 5],
  ]);
});
