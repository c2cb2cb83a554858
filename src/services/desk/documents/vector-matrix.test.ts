import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VectorMatrix } from './vector-matrix.ts';
import type { VectorHit } from './vector-search.ts';

const vectorOf = (x: number): Float32Array => Float32Array.of(Math.cos(x), Math.sin(x), 0);
const nearest = (matrix: VectorMatrix, query: Float32Array, limit: number): VectorHit[] => {
  const steps = matrix.nearest(query, limit);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
};

test('finds the nearest rows, nearest first, past the end of a block', () => {
  const matrix = new VectorMatrix(3);
  for (let i = 0; i < 3_000; i += 1) matrix.set('circle', i, vectorOf(i / 1_000));
  const found = nearest(matrix, vectorOf(2.0502), 3);
  expect(found.map(({ chunk }) => chunk)).toEqual([2_050, 2_051, 2_049]);
  expect(found[0]!.similarity).toBeCloseTo(Math.cos(0.0002), 6);
  expect(matrix.size).toBe(3_000);
  expect(matrix.bytes).toBe(3 * 1_024 * 3 * 4);
});

test('a vector that took the place of one taken out can be replaced', () => {
  const matrix = new VectorMatrix(3);
  for (const chunk of [0, 1, 2]) matrix.set('a', chunk, vectorOf(chunk));
  matrix.retain((_, chunk) => chunk !== 0);
  matrix.set('a', 2, vectorOf(3));
  expect(matrix.size).toBe(2);
  expect(nearest(matrix, vectorOf(3), 5).map(({ chunk, similarity }) => [chunk, similarity.toFixed(6)])).toEqual([
    [2, '1.000000'],
    [1, Math.cos(2).toFixed(6)],
  ]);
});

test('stands still after each block, so that others get a turn', () => {
  const matrix = new VectorMatrix(3);
  for (let i = 0; i < 5_000; i += 1) matrix.set('circle', i, vectorOf(i));
  expect([...matrix.nearest(vectorOf(0), 1)]).toHaveLength(5);
});

test('whatever was set, replaced and taken out, it finds what a search of all the rest does', () => {
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
  fc.assert(
    fc.property(bulk, fc.array(step, { maxLength: 60 }), fc.nat(20), (filled, steps, limit) => {
      const matrix = new VectorMatrix(3);
      const model = new Map<string, Float32Array>();
      const set = (documentId: string, chunk: number, vector: Float32Array): void => {
        matrix.set(documentId, chunk, vector);
        model.set(`${documentId} ${chunk}`, vector);
      };
      for (let i = 0; i < filled; i += 1) set('3', i, vectorOf(i * 0.37));
      for (const each of steps) {
        if (each.kind === 'set') set(`${each.document}`, each.chunk, vectorOf(each.angle));
        else {
          const stays = (documentId: string, chunk: number): boolean =>
            documentId !== `${each.document}` || chunk >= each.below;
          matrix.retain(stays);
          for (const key of [...model.keys()]) {
            const [documentId, chunk] = key.split(' ') as [string, string];
            if (!stays(documentId, Number(chunk))) model.delete(key);
          }
        }
      }
      expect(matrix.size).toBe(model.size);
      expect(matrix.bytes).toBe(Math.ceil(model.size / 1_024) * 1_024 * 3 * 4);
      const query = vectorOf(1);
      const expected = [...model.values()]
        .map((vector) => vector.reduce((sum, value, i) => sum + value * query[i]!, 0))
        .sort((a, b) => b - a)
        .slice(0, limit);
      const found = nearest(matrix, query, limit);
      expect(found.map(({ similarity }) => similarity.toFixed(9))).toEqual(expected.map((value) => value.toFixed(9)));
      for (const { documentId, chunk, similarity } of found) {
        const vector = model.get(`${documentId} ${chunk}`)!;
        expect(vector.reduce((sum, value, i) => sum + value * query[i]!, 0)).toBeCloseTo(similarity, 9);
      }
    }),
    { numRuns: 60 },
  );
});
