import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { putDocument } from '../../../../test/support/document-chunks.ts';
import { type EmbeddingServer, startEmbeddingServer } from '../../../../test/support/embedding-server.ts';
import { heldVectors } from '../../../../test/support/held-vectors.ts';
import { quickClock } from '../../../../test/support/quick-clock.ts';
import { recordingJournal } from '../../../../test/support/recording-journal.ts';
import { systemClock } from '../../../adapters/clock/system.ts';
import { pgliteDatabase } from '../../../adapters/database/pglite.ts';
import { openAiEmbedder } from '../../../adapters/embedder/openai-compatible.ts';
import { prometheusMetrics } from '../../../adapters/metrics/prometheus.ts';
import type { Database } from '../../../ports/database.ts';
import { openDocumentVectors } from '../../../stores/document-vectors.ts';
import { ChunkEmbedding } from './embedding.ts';
import { MeaningSearch } from './meaning-search.ts';

const clock = systemClock();
let database: Database;
let server: EmbeddingServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-embedding-'));
  database = await pgliteDatabase({ path: join(folder, 'database'), clock });
  await openDocumentVectors(database, 'any');
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await database.query('DELETE FROM documents');
  server = await startEmbeddingServer('openai');
  onTestFinished(() => server.dispose());
});

/** Embeds in the background until the test is over. */
async function running(model = server.model) {
  const journal = recordingJournal();
  const metrics = prometheusMetrics({ process: false });
  const embedder = openAiEmbedder({ url: server.url, model, apiKey: server.key, clock });
  const vectors = await openDocumentVectors(database, embedder.name);
  const waits: number[] = [];
  const quick = quickClock(50);
  const watched = {
    ...quick,
    sleep: (ms: number, signal?: AbortSignal) => {
      waits.push(ms);
      return quick.sleep(ms, signal);
    },
  };
  const embedding = new ChunkEmbedding({ vectors, embedder, clock: watched, metrics, journal });
  const index = new MeaningSearch(
    { vectors, embedder, hold: heldVectors(clock), clock, metrics, journal },
    { freshMs: 0 },
  );
  const end = new AbortController();
  const run = embedding.run(end.signal);
  onTestFinished(async () => {
    end.abort();
    await run;
    await embedder.close();
  });
  const until = (what: () => unknown) => vi.waitFor(what, { timeout: 20_000, interval: 10 });
  const done = () => until(async () => expect(await vectors.unembedded()).toBe(0));
  return { embedding, index, vectors, journal, metrics, waits, until, done };
}

test('embeds all that is there in batches, then what comes, and it is found', async () => {
  await putDocument(
    database,
    'risk',
    Array.from({ length: 70 }, (_, i) => `passage ${i} of position sizing`),
  );
  const { embedding, index, metrics, done } = await running();
  await done();
  expect(Math.max(...server.batches)).toBe(32);
  await putDocument(database, 'exits', ['trail the stop below each swing low']);
  embedding.wake();
  await done();
  expect((await index.nearest('a stop below the swing low', 1))[0]).toMatchObject({ documentId: 'exits', chunk: 0 });
  await vi.waitFor(async () => {
    expect(await metrics.text()).toContain('pulse_mcp2_chunks_unembedded 0');
    expect(await metrics.text()).toContain('pulse_mcp2_chunks_embedded_total 71');
  });
});

test('embeds a changed passage again, and that one alone', async () => {
  await putDocument(database, 'risk', ['one percent', 'two percent']);
  const { embedding, done } = await running();
  await done();
  const before = server.batches.length;
  await putDocument(database, 'risk', ['one percent', 'half a percent']);
  embedding.wake();
  await done();
  expect(server.batches.slice(before)).toEqual([1]);
});

test('waits while the embedder is away, longer each time, says so once, and goes on when it is back', async () => {
  await server.stop();
  await putDocument(database, 'risk', ['one percent']);
  const { embedding, journal, waits, done, until } = await running();
  await until(() => expect(waits.length).toBeGreaterThanOrEqual(4));
  expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(embedding.trouble).toContain('ECONNREFUSED');
  await server.start();
  await done();
  await until(() => expect(embedding.trouble).toBe(null));
  expect(journal.codes()).toEqual(['engine.lost', 'engine.restored']);
});

test('waits as long as a server that limits it says', async () => {
  server.behave({ kind: 'raw', status: 429, body: 'slow down', headers: { 'retry-after': '20' } });
  await putDocument(database, 'risk', ['one percent']);
  const { waits, done, until } = await running();
  await until(() => expect(waits).toContain(20_000));
  server.behave({ kind: 'well' });
  await done();
});

test('tells and leaves out a passage that the embedder does not take, and embeds those beside it', async () => {
  server.behave({ kind: 'long', word: 'unspeakable' });
  await putDocument(database, 'risk', ['one percent', 'unspeakable', 'two percent', 'three percent']);
  const { vectors, journal, embedding, until } = await running();
  await until(async () => expect(await vectors.unembedded()).toBe(1));
  await until(() => expect(embedding.figures()).toEqual({ unembedded: 1, refused: 1 }));
  const [chunk] = await vectors.missing(10);
  expect(chunk).toMatchObject({ documentId: 'risk', number: 1 });
  await putDocument(database, 'exits', ['trail the stop']);
  embedding.wake();
  await until(async () => expect(await vectors.unembedded()).toBe(1));
  await until(() => expect(embedding.figures().unembedded).toBe(1));
  expect(journal.events).toMatchObject([{ code: 'chunk.refused', data: { document: 'risk', chunk: 1 } }]);
});

test('an embedder that refuses everything is no fault of the passages', async () => {
  await putDocument(database, 'risk', ['one percent', 'two percent']);
  const { embedding, journal, until } = await running('no-such-model');
  await until(() => expect(embedding.trouble).toContain('not found'));
  expect(journal.codes()).toEqual(['engine.lost']);
  expect(embedding.figures().refused).toBe(0);
});
