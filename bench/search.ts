import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../src/adapters/database/pglite.ts';
import { threadReader } from '../src/adapters/document-reader/thread.ts';
import { onnxEmbedder } from '../src/adapters/embedder/onnx.ts';
import { prometheusMetrics } from '../src/adapters/metrics/prometheus.ts';
import type { Database } from '../src/ports/database.ts';
import type { Documents } from '../src/ports/desk.ts';
import type { Journal } from '../src/ports/journal.ts';
import { makeDocuments } from '../src/services/desk/documents/documents.ts';
import { ChunkEmbedding } from '../src/services/desk/documents/embedding.ts';
import { MeaningSearch } from '../src/services/desk/documents/meaning-search.ts';
import type { VectorSearch } from '../src/services/desk/documents/vector-search.ts';
import { openDocumentVectors } from '../src/stores/document-vectors.ts';
import { type DocumentStore, openDocuments } from '../src/stores/documents.ts';
import { embeddingModel } from '../test/support/embedding-model.ts';
import { heldVectors } from '../test/support/held-vectors.ts';
import {
  indexQualitySet,
  judgedQueries,
  meansByKind,
  qualityDocuments,
  searchQuality,
} from '../test/support/search-quality.ts';
import type { Benchmark, Figures } from './benchmark.ts';

const clock = systemClock();
const reader = threadReader({ clock });

const documentsOf = (store: DocumentStore, vectors: VectorSearch | null): Documents =>
  makeDocuments(
    { store, vectors, reader, clock, metrics: prometheusMetrics({ process: false }) },
    { publicUrl: 'http://127.0.0.1:8002', maxBytes: 1_000_000 },
  );

/** Runs `work` over the set, indexed in an embedded database. */
async function withSet(work: (database: Database, store: DocumentStore) => Promise<Figures>): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-bench-'));
  const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
  try {
    const store = await openDocuments(database);
    await indexQualitySet(documentsOf(store, null));
    return await work(database, store);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
}

/** How good answers are, by kind of query, and how long they take. `arm` names what searched. */
async function quality(documents: Documents, arm: string): Promise<Figures> {
  const begun = performance.now();
  const measured = await searchQuality(documents.search);
  const perSearch = (performance.now() - begun) / measured.length;
  const means = [...meansByKind(measured)].map(
    ([kind, mean]) => [`nDCG@10 × 100, ${kind}, ${arm}`, mean * 100] as const,
  );
  return { ...Object.fromEntries(means), [`ms a search, ${arm}`]: perSearch };
}

/** Figures of two arms with those of the same kind next to one another. */
const sideBySide = (a: Figures, b: Figures): Figures => {
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return Object.fromEntries(left.flatMap((figure, i) => [figure, right[i]!]));
};

/** Runs `work` with the search by meaning over all that is stored, each passage of which is embedded first. */
async function withVectors(database: Database, work: (vectors: VectorSearch) => Promise<Figures>): Promise<Figures> {
  const embedder = await onnxEmbedder({ path: await embeddingModel() });
  const journal = { event: (_level: string, code: string, text: string) => process.stderr.write(`${code} ${text}\n`) };
  const needs = {
    vectors: await openDocumentVectors(database, embedder.name),
    embedder,
    clock,
    metrics: prometheusMetrics({ process: false }),
    journal: journal as unknown as Journal,
  };
  const over = new AbortController();
  const embedding = new ChunkEmbedding(needs).run(over.signal);
  try {
    while ((await needs.vectors.unembedded()) > 0) await clock.sleep(100);
    return await work(new MeaningSearch({ ...needs, hold: heldVectors(clock) }));
  } finally {
    over.abort();
    await embedding;
    await embedder.close();
  }
}

const OF_SET = `nDCG@10 of ${judgedQueries.length} judged queries over ${qualityDocuments.size} documents`;

export const search: readonly Benchmark[] = [
  {
    name: 'search-text',
    about: `full text: ${OF_SET}`,
    aims: {},
    runs: 1,
    run: () => withSet((_, store) => quality(documentsOf(store, null), 'text')),
  },
  {
    name: 'search-hybrid',
    about: `full text, and both arms with all-MiniLM-L6-v2: ${OF_SET}`,
    aims: {},
    runs: 1,
    run: () =>
      withSet((database, store) =>
        withVectors(database, async (vectors) =>
          sideBySide(
            await quality(documentsOf(store, null), 'text'),
            await quality(documentsOf(store, vectors), 'hybrid'),
          ),
        ),
      ),
  },
];
