import { expect, test } from 'vitest';
import { type SideBar, settledBar, settledBars } from './parity-bar.ts';

const base: SideBar = {
  start: Date.UTC(2014, 4, 1, 10),
  open: 1.1,
  high: 1.3,
  low: 1,
  close: 1.2,
  volume: '7',
  n: 4,
  rev: 1,
  digest: '00ff00ff00ff00ff',
  partial: false,
  place: 9,
};
const version = (changes: Partial<SideBar>): SideBar => ({ ...base, ...changes });

// Each rule with the later ones speaking against it.
test.each`
  what                               | counts                        | doesNot
  ${'more ticks'}                    | ${{ n: 5, place: 1, rev: 0 }} | ${{ n: 4, place: 9, rev: 3 }}
  ${'of as many, the further place'} | ${{ place: 10, rev: 0 }}      | ${{ place: 9, rev: 3 }}
  ${'of one place, the higher rev'}  | ${{ rev: 2 }}                 | ${{ rev: 1 }}
  ${'a count before none'}           | ${{ n: 0, place: null }}      | ${{ n: null, place: null }}
`('$what counts, in whatever order the two were written', ({ counts, doesNot }) => {
  const [better, worse] = [version(counts), version({ ...doesNot, close: 1.25 })];
  expect(settledBar([better, worse]).bar).toBe(better);
  expect(settledBar([worse, better]).bar).toBe(better);
});

test('of versions that nothing tells apart the last one counts', () => {
  const [first, last] = [version({}), version({ close: 1.25 })];
  expect(settledBar([first, last]).bar).toBe(last);
  expect(settledBar([last, first]).bar).toBe(first);
});

test.each`
  what                        | other                    | repeats | contradicts
  ${'an identical version'}   | ${{}}                    | ${1}    | ${false}
  ${'one with as many ticks'} | ${{ close: 1.25 }}       | ${0}    | ${true}
  ${'one with fewer ticks'}   | ${{ n: 3, close: 1.25 }} | ${0}    | ${false}
`('$what: $repeats repeats, contradicts $contradicts', ({ other, repeats, contradicts }) => {
  const found = settledBar([version(other), version({})]);
  expect([found.repeats, found.contradiction !== null]).toEqual([repeats, contradicts]);
});

test('settled bars are one for each minute, in order of time', () => {
  const [first, second] = [base.start, base.start + 60_000];
  const versions = [version({ start: second }), version({ n: 2 }), version({ n: 3 }), version({ n: 1 })];
  expect(settledBars(versions).map(({ start, n }) => [start, n])).toEqual([
    [first, 3],
    [second, 4],
  ]);
});
