import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { threadReader } from '../../src/adapters/document-reader/thread.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { makeDocuments } from '../../src/services/desk/documents/documents.ts';
import { openDocuments } from '../../src/stores/documents.ts';
import {
  indexQualitySet,
  judgedQueries,
  meansByKind,
  ndcg,
  qualityDocuments,
  searchQuality,
} from '../support/search-quality.ts';

const clock = systemClock();

test('full text finds what people judged to answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-quality-'));
  const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
  onTestFinished(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });
  const documents = makeDocuments(
    {
      store: await openDocuments(database),
      vectors: null,
      reader: threadReader({ clock }),
      clock,
      metrics: prometheusMetrics({ process: false }),
    },
    { publicUrl: 'http://127.0.0.1:8002', maxBytes: 1_000_000 },
  );
  await indexQualitySet(documents);
  const means = meansByKind(await searchQuality(documents.search));
  const least = { all: 0.86, words: 0.94, typo: 0.97, phrase: 0.99, minus: 0.95, or: 0.95, meaning: 0.48, none: 1 };
  for (const [kind, floor] of Object.entries(least)) expect.soft(means.get(kind), kind).toBeGreaterThanOrEqual(floor);
});

test('the set is large enough, and judges only documents that it has', () => {
  expect(qualityDocuments.size).toBeGreaterThanOrEqual(60);
  expect(judgedQueries.length).toBeGreaterThanOrEqual(40);
  for (const { query, judged } of judgedQueries)
    for (const [id, grade] of Object.entries(judged)) {
      expect(qualityDocuments.has(id), `${query}: ${id}`).toBe(true);
      expect([1, 2, 3]).toContain(grade);
    }
});

test('nDCG is 1 for the best order, less for a worse one, and 0 for nothing', () => {
  const query = { kind: 'words', query: 'x', judged: { a: 3, b: 1 } };
  expect(ndcg(query, ['a', 'b'])).toBe(1);
  expect(ndcg(query, ['b', 'a'])).toBeCloseTo((1 + 7 / Math.log2(3)) / (7 + 1 / Math.log2(3)), 12);
  expect(ndcg(query, ['other', 'a'])).toBeCloseTo(7 / Math.log2(3) / (7 + 1 / Math.log2(3)), 12);
  expect(ndcg(query, [])).toBe(0);
  const nothing = { kind: 'none', query: '', judged: {} };
  expect([ndcg(nothing, []), ndcg(nothing, ['a'])]).toEqual([1, 0]);
});
