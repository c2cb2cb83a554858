import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../src/adapters/database/pglite.ts';
import { threadReader } from '../src/adapters/document-reader/thread.ts';
import { prometheusMetrics } from '../src/adapters/metrics/prometheus.ts';
import type { Database } from '../src/ports/database.ts';
import { makeDocuments } from '../src/services/mcp2/documents/documents.ts';
import type { VectorSearch } from '../src/services/mcp2/documents/vector-search.ts';
import { type DocumentStore, openDocuments } from '../src/stores/documents.ts';
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

/** Makes the search by meaning over what is indexed, once its vectors are there. */
type MakeVectors = (database: Database, store: DocumentStore) => Promise<VectorSearch>;

/** How good answers are, on the embedded database. `vectors`: also those of both arms together. */
const searchBenchmark = (name: string, about: string, vectors: MakeVectors | null): Benchmark => ({
  name,
  about: `${about}: nDCG@10 of ${judgedQueries.length} judged queries over ${qualityDocuments.size} documents`,
  aims: {},
  runs: 1,
  async run(): Promise<Figures> {
    const folder = mkdtempSync(join(tmpdir(), 'pulse-bench-'));
    const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
    try {
      const store = await openDocuments(database);
      const make = (arm: VectorSearch | null) =>
        makeDocuments(
          { store, vectors: arm, reader, clock, metrics: prometheusMetrics({ process: false }) },
          { publicUrl: 'http://127.0.0.1:8002', maxBytes: 1_000_000 },
        );
      await indexQualitySet(make(null));
      const documents = make(vectors === null ? null : await vectors(database, store));
      const begun = performance.now();
      const measured = await searchQuality(documents.search);
      const perSearch = (performance.now() - begun) / measured.length;
      const means = [...meansByKind(measured)].map(([kind, mean]) => [`nDCG@10 × 100, ${kind}`, mean * 100] as const);
      return { ...Object.fromEntries(means), 'ms a search': perSearch };
    } finally {
      await database.close();
      rmSync(folder, { recursive: true });
    }
  },
});

export const search: readonly Benchmark[] = [searchBenchmark('search-text', 'full text', null)];
