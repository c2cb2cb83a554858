import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { postgresDatabase } from '../../src/adapters/database/postgres.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import type { Database } from '../../src/ports/database.ts';
import { makeDocuments } from '../../src/services/mcp2/documents/documents.ts';
import type { Documents } from '../../src/services/mcp2/parts.ts';
import { type DocumentStore, openDocuments } from '../../src/stores/documents.ts';
import { describeWith } from '../support/needs.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../support/postgres-server.ts';

const clock = systemClock();
const tester = { name: 'tester', scopes: ['read', 'write'] as const };

function suite(open: () => Promise<{ database: Database; close(): Promise<void> }>): void {
  let database: Database;
  let close: () => Promise<void>;
  let store: DocumentStore;
  let documents: Documents;
  beforeAll(async () => {
    ({ database, close } = await open());
    store = await openDocuments(database);
    documents = makeDocuments(
      { store, vectors: null, clock, metrics: prometheusMetrics({ process: false }) },
      { publicUrl: 'http://127.0.0.1:8002', maxBytes: 100_000 },
    );
  });
  afterAll(() => close());

  test('a document is added, found by its words, and gone once removed', async () => {
    const content = '# Stop orders\n\nA stop order becomes a market order once the price trades through its trigger.';
    expect(await documents.add({ content, format: 'markdown', id: 'stops' }, tester)).toEqual({
      id: 'stops',
      chunks: 1,
      change: 'added',
    });
    expect(await documents.add({ content, format: 'markdown', id: 'stops' }, tester)).toMatchObject({
      change: 'unchanged',
    });
    const page = await documents.search('triggers -iceberg', 10, 0);
    expect(page).toMatchObject({ mode: 'text', corrected: null, total: 1 });
    expect(page.results[0]).toMatchObject({
      id: 'stops',
      title: 'Stop orders',
      url: 'http://127.0.0.1:8002/documents/stops',
      headings: ['Stop orders'],
    });
    expect(page.results[0]!.snippet).toContain('<mark>trigger</mark>');
    expect(await documents.search('tirgger', 10, 0)).toMatchObject({ corrected: 'trigger', total: 1 });
    await documents.remove('stops', tester);
    expect(await documents.search('trigger', 10, 0)).toMatchObject({ total: 0, results: [] });
    expect(await database.query('SELECT * FROM document_words')).toEqual([]);
  });
}

describe('on the embedded database', () => {
  suite(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-documents-'));
    const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
    return {
      database,
      close: async () => {
        await database.close();
        await rm(folder, { recursive: true });
      },
    };
  });
});

await describeWith('on Postgres', { engines: [postgresAvailable] }, () => {
  suite(async () => {
    const server: PostgresServer = await startPostgres();
    const database = await postgresDatabase({ dsn: server.dsn, clock });
    return {
      database,
      close: async () => {
        await database.close();
        await server.dispose();
      },
    };
  });
});
