import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuse } from './fusion.ts';

test('what both arms found comes before what one of them found first', () => {
  expect(fuse(['a', 'b', 'c'], ['d', 'b'])).toEqual([
    { id: 'b', score: 2 / 62, ranks: { text: 2, vector: 2 } },
    { id: 'a', score: 1 / 61, ranks: { text: 1, vector: null } },
    { id: 'd', score: 1 / 61, ranks: { text: null, vector: 1 } },
    { id: 'c', score: 1 / 63, ranks: { text: 3, vector: null } },
  ]);
});

test('an arm that found nothing leaves the order of the other', () => {
  const ids = fc.uniqueArray(fc.string(), { maxLength: 50 });
  fc.assert(
    fc.property(ids, (list) => {
      expect(fuse(list, []).map(({ id }) => id)).toEqual(list);
      expect(fuse([], list).map(({ id }) => id)).toEqual(list);
    }),
  );
});

test('everything found is there once, best score first, with the rank that each arm gave it', () => {
  const ids = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnop'));
  fc.assert(
    fc.property(ids, ids, (text, vector) => {
      const fused = fuse(text, vector);
      expect(fused.map(({ id }) => id).sort()).toEqual([...new Set([...text, ...vector])].sort());
      for (const [i, { id, score, ranks }] of fused.entries()) {
        expect(score).toBeLessThanOrEqual(fused[i - 1]?.score ?? 1);
        expect(ranks).toEqual({ text: text.indexOf(id) + 1 || null, vector: vector.indexOf(id) + 1 || null });
      }
    }),
  );
});
