import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from '../../ports/clock.ts';
import type { NearPoint, Point } from '../../ports/vector-index.ts';
import { systemClock } from '../clock/system.ts';
import { type ExactVectorIndex, exactVectorIndex } from './exact.ts';

const clock = systemClock();
const never = new AbortController().signal;
const vectorOf = (x: number): Float32Array => Float32Array.of(Math.cos(x), Math.sin(x), 0);
const indexOf = (of: Clock = clock): ExactVectorIndex => exactVectorIndex({ vectors: { angle: 3 }, clock: of });
const pointOf = (document: string, chunk: number, vector: Float32Array): Point => ({
  id: `${document} ${chunk}`,
  vectors: { angle: vector },
  payload: { document, chunk },
});
const nearest = (index: ExactVectorIndex, vector: Float32Array, limit: number): Promise<NearPoint[]> =>
  index.nearest({ name: 'angle', vector, limit }, never);

test('finds the nearest points, nearest first, past the end of a block', async () => {
  const index = indexOf();
  await index.upsert(Array.from({ length: 3_000 }, (_, i) => pointOf('circle', i, vectorOf(i / 1_000))));
  const found = await nearest(index, vectorOf(2.0502), 3);
  expect(found.map(({ payload }) => payload.chunk)).toEqual([2_050, 2_051, 2_049]);
  expect(found[0]!.similarity).toBeCloseTo(Math.cos(0.0002), 6);
  expect(await index.count()).toBe(3_000);
  expect(index.bytes).toBe(3 * 1_024 * 3 * 4);
});

test('a vector that took the place of one taken out can be replaced', async () => {
  const index = indexOf();
  await index.upsert([0, 1, 2].map((chunk) => pointOf('a', chunk, vectorOf(chunk))));
  await index.delete(['a 0']);
  await index.upsert([pointOf('a', 2, vectorOf(3))]);
  expect(await index.count()).toBe(2);
  const found = await nearest(index, vectorOf(3), 5);
  expect(found.map(({ payload, similarity }) => [payload.chunk, similarity.toFixed(6)])).toEqual([
    [2, '1.000000'],
    [1, Math.cos(2).toFixed(6)],
  ]);
});

test('looks after each block whether others are to get a turn', async () => {
  let now = 0;
  let turns = 0;
  // Each look at the time finds a slice gone.
  const counting: Clock = {
    ...clock,
    monotonic: () => (now += 2),
    sleep: (ms, signal) => {
      turns += 1;
      return clock.sleep(ms, signal);
    },
  };
  const index = indexOf(counting);
  await index.upsert(Array.from({ length: 5_000 }, (_, i) => pointOf('circle', i, vectorOf(i))));
  await nearest(index, vectorOf(0), 1);
  expect(turns).toBe(5);
});

test('a scan that lets others have a turn is not disturbed by what they write', async () => {
  let now = 0;
  const eager: Clock = { ...clock, monotonic: () => (now += 2) };
  const index = indexOf(eager);
  await index.upsert(Array.from({ length: 5_000 }, (_, i) => pointOf('circle', i, vectorOf(i / 1_000))));
  const search = nearest(index, vectorOf(4.9002), 3);
  const gone = index.delete(Array.from({ length: 4_999 }, (_, i) => `circle ${i}`));
  expect((await search).map(({ payload }) => payload.chunk)).toEqual([4_900, 4_901, 4_899]);
  await gone;
  expect((await nearest(index, vectorOf(4.9002), 3)).map(({ payload }) => payload.chunk)).toEqual([4_999]);
});

test('takes what fits into its memory, and a batch that does not fit not at all', async () => {
  const index = exactVectorIndex({ vectors: { angle: 3 }, clock, maxBytes: 1_024 * 3 * 4 });
  const many = Array.from({ length: 1_024 }, (_, i) => pointOf('a', i, vectorOf(i)));
  await index.upsert(many.slice(0, 1_000));
  const more = Array.from({ length: 25 }, (_, i) => pointOf('b', i, vectorOf(i)));
  await expect(index.upsert(more)).rejects.toMatchObject({ code: 'vector.full', retry: false });
  expect(await index.count()).toBe(1_000);
  await index.upsert(many);
  expect([await index.count(), index.bytes]).toEqual([1_024, 1_024 * 3 * 4]);
});

test('whatever was set, replaced and taken out, it finds what a search of all the rest does', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('set' as const),
      document: fc.nat(2),
      chunk: fc.nat(20),
      angle: fc.double({ min: 0, max: 6, noNaN: true }),
    }),
    fc.record({ kind: fc.constant('drop' as const), document: fc.nat(3), below: fc.oneof(fc.nat(20), fc.nat(1_500)) }),
  );
  const bulk = fc.integer({ min: 0, max: 1_500 });
  await fc.assert(
    fc.asyncProperty(bulk, fc.array(step, { maxLength: 60 }), fc.nat(20), async (filled, steps, limit) => {
      const index = indexOf();
      const model = new Map<string, Float32Array>();
      const set = async (points: readonly Point[]): Promise<void> => {
        await index.upsert(points);
        for (const { id, vectors } of points) model.set(id, vectors.angle!);
      };
      await set(Array.from({ length: filled }, (_, i) => pointOf('3', i, vectorOf(i * 0.37))));
      for (const each of steps) {
        if (each.kind === 'set') await set([pointOf(`${each.document}`, each.chunk, vectorOf(each.angle))]);
        else {
          const gone = Array.from({ length: each.below }, (_, chunk) => `${each.document} ${chunk}`);
          await index.delete(gone);
          for (const id of gone) model.delete(id);
        }
      }
      expect(await index.count()).toBe(model.size);
      expect(index.bytes).toBe(Math.ceil(model.size / 1_024) * 1_024 * 3 * 4);
      const query = vectorOf(1);
      const expected = [...model.values()]
        .map((vector) => vector.reduce((sum, value, i) => sum + value * query[i]!, 0))
        .sort((a, b) => b - a)
        .slice(0, limit);
      const found = await nearest(index, query, limit);
      expect(found.map(({ similarity }) => similarity.toFixed(9))).toEqual(expected.map((value) => value.toFixed(9)));
      for (const { id, similarity } of found) {
        const vector = model.get(id)!;
        expect(vector.reduce((sum, value, i) => sum + value * query[i]!, 0)).toBeCloseTo(similarity, 9);
      }
    }),
    { numRuns: 60 },
  );
});
