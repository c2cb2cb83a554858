import { expect, test } from 'vitest';
import { enricherDefaults } from './enricher-options.ts';
import { VolumeBuckets } from './volume-buckets.ts';

const settings = { ...enricherDefaults, ticksPerBucket: 4, buckets: 20 };
/** `flow`: a sign for each tick of volume 1. */
const after = (flow: string, buckets = new VolumeBuckets(settings)): VolumeBuckets => {
  for (const each of flow) buckets.add(each === '+' ? 1 : each === '-' ? -1 : 0, 1, 0);
  return buckets;
};

test.each`
  flow                                         | vpin
  ${'++++'.repeat(9)}                          | ${Number.NaN}
  ${'++++'.repeat(10)}                         | ${1}
  ${'----'.repeat(10)}                         | ${1}
  ${'++--'.repeat(10)}                         | ${0}
  ${'+++-'.repeat(10)}                         | ${0.5}
  ${'0000'.repeat(10)}                         | ${0}
  ${'++++----'.repeat(5)}                      | ${1}
  ${`${'++++'.repeat(5)}${'+-+-'.repeat(5)}`}  | ${0.5}
  ${`${'++++'.repeat(10)}---`}                 | ${1}
  ${`${'++++'.repeat(5)}${'+-+-'.repeat(20)}`} | ${0}
`('buckets of four ticks $flow: VPIN $vpin', ({ flow, vpin }) => {
  expect(after(flow).vpin).toBe(vpin);
});

test('a trade that overfills a bucket goes on in the next ones', () => {
  const buckets = after('++--'.repeat(10));
  // 41 ticks, mean volume (40 + 10) / 41: the first bucket takes 4, the next one, 4.878 of it, and 1.122 remain.
  buckets.add(1, 10, 0);
  const { sizes, imbalances, filled, signed } = buckets.snapshot();
  expect(sizes.values.slice(-2)).toEqual([4, 4 * (50 / 41)]);
  expect(imbalances.values.slice(-2)).toEqual([4, 4 * (50 / 41)]);
  expect([filled, signed]).toEqual([6 - 4 * (50 / 41), 6 - 4 * (50 / 41)]);
});

test('a bucket is as large as its ticks were on average when it was opened', () => {
  const buckets = new VolumeBuckets(settings);
  for (let i = 0; i < 400; i += 1) buckets.add(1, i % 2 === 0 ? 1 : 3, 0);
  expect(buckets.snapshot().size).toBeCloseTo(8, 1);
});

test('a trade of absurd size ends in finitely many buckets', () => {
  const buckets = after('+-'.repeat(40));
  buckets.add(-1, 1e17, 0);
  expect(buckets.vpin).toBe(1);
});

test.each`
  paths              | share  | about
  ${[5]}             | ${0.5} | ${'the only one'}
  ${[5, 4, 3, 2, 1]} | ${1}   | ${'the smoothest'}
  ${[1, 2, 3, 4, 5]} | ${0}   | ${'the roughest'}
  ${[1, 5, 2]}       | ${0.5} | ${'between'}
  ${[2, 2, 2]}       | ${0.5} | ${'as the others'}
`('after buckets with paths $paths the newest is $about: depth share $share', ({ paths, share }) => {
  const buckets = new VolumeBuckets({ ...settings, ticksPerBucket: 1 });
  for (const path of paths) buckets.add(1, 1, path);
  expect(buckets.depthShare).toBe(share);
});
