import { expect } from 'vitest';
import type { Filter, NearestQuery, NearPoint, Point, VectorIndex } from '../../src/ports/vector-index.ts';
import { contract } from './contract.ts';

/** The vectors with which each adapter is opened for these cases. */
export const CONTRACT_VECTORS = { shape: 3, text: 2 } as const;

const never = new AbortController().signal;
const angle = (degrees: number, length = 1): Float32Array => {
  const radians = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(radians) * length, Math.sin(radians) * length);
};

/** A point at so many degrees. Its shape is of no account. */
const at = (id: string, degrees: number, payload: Point['payload'] = {}): Point => ({
  id,
  vectors: { text: angle(degrees), shape: Float32Array.of(0, 0, 1) },
  payload,
});

const near = (index: VectorIndex, degrees: number, more: Partial<NearestQuery> = {}): Promise<NearPoint[]> =>
  index.nearest({ name: 'text', vector: angle(degrees), limit: 10, ...more }, never);
const idsNear = async (index: VectorIndex, degrees: number, more: Partial<NearestQuery> = {}): Promise<string[]> =>
  (await near(index, degrees, more)).map(({ id }) => id);

const dimension = { name: 'PulseError', code: 'vector.dimension', retry: false };
const invalid = { name: 'PulseError', code: 'vector.invalid', retry: false };

export const vectorIndexContract = contract<VectorIndex>('vector-index', [
  [
    'finds the nearest points first, with their cosine and payload',
    async (index) => {
      await index.upsert([at('a', 0), at('b', 90), at('c', 45, { symbol: 'EURUSD', bars: 12, settled: true })]);
      const found = await near(index, 47, { limit: 2 });
      expect(found.map(({ id }) => id)).toEqual(['c', 'b']);
      expect(found[0]!.payload).toEqual({ symbol: 'EURUSD', bars: 12, settled: true });
      expect(found[0]!.similarity).toBeCloseTo(Math.cos((2 * Math.PI) / 180), 5);
      const [, , opposite] = await near(index, 180);
      expect(opposite!.similarity).toBeCloseTo(-1, 5);
    },
  ],
  [
    'compares directions, whatever the lengths of the vectors',
    async (index) => {
      const long = { ...at('long', 10), vectors: { ...at('', 0).vectors, text: angle(10, 250) } };
      const short = { ...at('short', 30), vectors: { ...at('', 0).vectors, text: angle(30, 0.001) } };
      await index.upsert([long, short]);
      const found = await near(index, 0, { vector: angle(0, 1_000) });
      expect(found.map(({ id }) => id)).toEqual(['long', 'short']);
      expect(found[1]!.similarity).toBeCloseTo(Math.cos(Math.PI / 6), 5);
    },
  ],
  [
    'searches each kind of vectors by its name',
    async (index) => {
      const shaped = (id: string, degrees: number, ...shape: [number, number, number]): Point => ({
        ...at(id, degrees),
        vectors: { text: angle(degrees), shape: Float32Array.from(shape) },
      });
      await index.upsert([shaped('a', 0, 1, 0, 0), shaped('b', 90, 0, 1, 0)]);
      expect(await idsNear(index, 10, { limit: 1 })).toEqual(['a']);
      expect(await idsNear(index, 0, { name: 'shape', vector: Float32Array.of(0, 1, 0.5), limit: 1 })).toEqual(['b']);
    },
  ],
  [
    'finds nothing where there is nothing, and no more than there is',
    async (index) => {
      expect([await index.count(), await near(index, 0)]).toEqual([0, []]);
      await index.upsert([at('a', 0)]);
      expect(await idsNear(index, 0, { limit: 1_000 })).toEqual(['a']);
    },
  ],
  [
    'puts a point in the place of the one with its id, whole: vectors and payload',
    async (index) => {
      await index.upsert([at('a', 0, { symbol: 'EURUSD', note: 'old' }), at('b', 40)]);
      await index.upsert([at('a', 90, { symbol: 'GBPUSD' })]);
      expect(await index.count()).toBe(2);
      const [first] = await near(index, 90);
      expect(first).toMatchObject({ id: 'a', payload: { symbol: 'GBPUSD' } });
      expect(first!.payload).not.toHaveProperty('note');
      expect(await idsNear(index, 0)).toEqual(['b', 'a']);
    },
  ],
  [
    'changes nothing by the same batch again, and takes the later of two points with one id',
    async (index) => {
      const batch = [at('a', 0), at('b', 30), at('a', 60)];
      await index.upsert(batch);
      const before = await near(index, 50);
      await index.upsert(batch);
      expect(await near(index, 50)).toEqual(before);
      expect([await index.count(), before.map(({ id }) => id)]).toEqual([2, ['a', 'b']]);
    },
  ],
  [
    'keeps what it was given, though the caller goes on to use the same memory',
    async (index) => {
      const point = at('a', 0);
      await index.upsert([point]);
      point.vectors.text!.set(angle(90));
      expect((await near(index, 0))[0]!.similarity).toBeCloseTo(1, 5);
    },
  ],
  [
    'forgets what is deleted, and passes over what is not there',
    async (index) => {
      await index.upsert([at('a', 0), at('b', 30), at('c', 60)]);
      await index.delete(['a', 'nobody', 'a']);
      await index.delete([]);
      expect([await index.count(), await idsNear(index, 0)]).toEqual([2, ['b', 'c']]);
      await index.delete(['b', 'c']);
      expect([await index.count(), await near(index, 0)]).toEqual([0, []]);
      await index.upsert([at('b', 10)]);
      expect(await idsNear(index, 0)).toEqual(['b']);
    },
  ],
  [
    'takes thousands of points in batches, and finds each',
    async (index) => {
      const points = Array.from({ length: 2_500 }, (_, i) => at(`p${i}`, i * 0.1, { i }));
      for (let from = 0; from < points.length; from += 1_000) await index.upsert(points.slice(from, from + 1_000));
      expect(await index.count()).toBe(2_500);
      for (const i of [0, 999, 1_000, 1_023, 1_024, 2_499])
        expect(await idsNear(index, i * 0.1, { limit: 1 })).toEqual([`p${i}`]);
      await index.delete(points.filter((_, i) => i % 2 === 0).map(({ id }) => id));
      expect(await index.count()).toBe(1_250);
      expect(await idsNear(index, 100.06, { limit: 2 })).toEqual(['p1001', 'p999']);
    },
  ],
  [
    'gives equally near points in the order of their ids, however they came in',
    async (index) => {
      const ids = ['b', 'a10', 'Z', 'a9', 'ä', 'a', '0'];
      const ordered = ids.toSorted();
      await index.upsert(ids.map((id) => at(id, 30)));
      expect(await idsNear(index, 0)).toEqual(ordered);
      expect(await idsNear(index, 0, { limit: 3 })).toEqual(ordered.slice(0, 3));
      await index.delete(['0']);
      await index.upsert([at('Z', 30), at('0', 30)]);
      expect(await idsNear(index, 0)).toEqual(ordered);
    },
  ],
  [
    'filters by a value, by one of several, and by a range with its upper end left out',
    async (index) => {
      await index.upsert([
        at('a', 0, { symbol: 'EURUSD', at: 10, settled: true }),
        at('b', 10, { symbol: 'GBPUSD', at: 20, settled: false }),
        at('c', 20, { symbol: 'USDJPY', at: 30, settled: true, note: '20' }),
        at('d', 30),
      ]);
      const cases: readonly (readonly [Filter, readonly string[]])[] = [
        [[], ['a', 'b', 'c', 'd']],
        [[{ field: 'symbol', equal: 'GBPUSD' }], ['b']],
        [[{ field: 'settled', equal: true }], ['a', 'c']],
        [[{ field: 'settled', equal: false }], ['b']],
        [[{ field: 'at', equal: 20 }], ['b']],
        [[{ field: 'at', equal: '20' }], []],
        [[{ field: 'note', equal: 20 }], []],
        [[{ field: 'symbol', in: ['EURUSD', 'USDJPY', 'nobody'] }], ['a', 'c']],
        [[{ field: 'at', in: [10, '20'] }], ['a']],
        [[{ field: 'symbol', in: [] }], []],
        [[{ field: 'at', from: 10, below: 30 }], ['a', 'b']],
        [[{ field: 'at', from: 20 }], ['b', 'c']],
        [[{ field: 'at', below: 10 }], []],
        [[{ field: 'note', from: 0 }], []],
        [[{ field: 'constructor', in: ['x'] }], []],
        [
          [
            { field: 'settled', equal: true },
            { field: 'at', from: 20 },
          ],
          ['c'],
        ],
      ];
      for (const [filter, expected] of cases) {
        expect([filter, await idsNear(index, 0, { filter })]).toEqual([filter, expected]);
        expect([filter, await index.count(filter)]).toEqual([filter, expected.length]);
      }
    },
  ],
  [
    'filters before it takes the nearest: those that pass are found however many nearer ones do not',
    async (index) => {
      const others = Array.from({ length: 1_500 }, (_, i) => at(`near${i}`, i * 0.001, { kind: 'other' }));
      await index.upsert([...others, at('far', 120, { kind: 'wanted' }), at('farther', 150, { kind: 'wanted' })]);
      const filter: Filter = [{ field: 'kind', equal: 'wanted' }];
      expect(await idsNear(index, 0, { filter, limit: 1 })).toEqual(['far']);
      expect(await idsNear(index, 0, { filter, limit: 5 })).toEqual(['far', 'farther']);
    },
  ],
  [
    'refuses vectors of another length or name, in points and queries, and keeps none of their batch',
    async (index) => {
      await index.upsert([at('a', 0)]);
      const { shape, text } = at('', 0).vectors as { shape: Float32Array; text: Float32Array };
      const bad: readonly Point['vectors'][] = [
        { text: Float32Array.of(1, 0, 0), shape },
        { text: new Float32Array(0), shape },
        { text },
        { text, shape, colour: text },
      ];
      for (const vectors of bad)
        await expect(index.upsert([at('b', 0), { id: 'c', vectors, payload: {} }])).rejects.toMatchObject(dimension);
      await expect(near(index, 0, { vector: Float32Array.of(1, 0, 0) })).rejects.toMatchObject(dimension);
      await expect(near(index, 0, { name: 'colour' })).rejects.toMatchObject(dimension);
      expect([await index.count(), await idsNear(index, 0)]).toEqual([1, ['a']]);
    },
  ],
  [
    'refuses vectors of zeros and numbers that are not finite, and keeps none of their batch',
    async (index) => {
      await index.upsert([at('a', 0)]);
      const revision = await index.revision();
      for (const numbers of [
        [0, 0],
        [Number.NaN, 1],
        [1, Number.POSITIVE_INFINITY],
      ]) {
        const text = Float32Array.from(numbers);
        const point = { ...at('c', 0), vectors: { ...at('', 0).vectors, text } };
        await expect(index.upsert([at('b', 0), point])).rejects.toMatchObject(invalid);
        await expect(near(index, 0, { vector: text })).rejects.toMatchObject(invalid);
      }
      await expect(index.upsert([at('b', 0, { price: Number.NaN })])).rejects.toMatchObject(invalid);
      expect([await index.count(), await index.revision()]).toEqual([1, revision]);
    },
  ],
  [
    'has another revision after each write, and the same while nothing is written',
    async (index) => {
      const seen = [await index.revision()];
      const writes = [
        () => index.upsert([at('a', 0)]),
        () => index.upsert([at('b', 0), at('c', 0)]),
        () => index.upsert([at('a', 10)]),
        () => index.delete(['b']),
        () => index.upsert([at('b', 0)]),
      ];
      for (const write of writes) {
        await write();
        seen.push(await index.revision());
        await near(index, 0);
        await index.count();
        expect(await index.revision()).toBe(seen.at(-1));
      }
      expect(new Set(seen).size).toBe(writes.length + 1);
    },
  ],
  [
    'sees in each call what was written before it, though nobody waited for that',
    async (index) => {
      const work = [index.upsert([at('a', 0), at('b', 50)]), index.delete(['b'])];
      expect([await index.count(), await idsNear(index, 0)]).toEqual([1, ['a']]);
      await Promise.all(work);
    },
  ],
  [
    'ends a search with the reason of its signal, and goes on',
    async (index) => {
      await index.upsert([at('a', 0)]);
      const stop = new AbortController();
      const reason = new Error('the caller hung up');
      stop.abort(reason);
      await expect(index.nearest({ name: 'text', vector: angle(0), limit: 1 }, stop.signal)).rejects.toBe(reason);
      expect(await idsNear(index, 0)).toEqual(['a']);
    },
  ],
]);
