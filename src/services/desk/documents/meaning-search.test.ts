import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { putDocument, removeDocument } from '../../../../test/support/document-chunks.ts';
import { heldVectors } from '../../../../test/support/held-vectors.ts';
import { recordingJournal } from '../../../../test/support/recording-journal.ts';
import { systemClock } from '../../../adapters/clock/system.ts';
import { virtualClock } from '../../../adapters/clock/virtual.ts';
import { pgliteDatabase } from '../../../adapters/database/pglite.ts';
import { prometheusMetrics } from '../../../adapters/metrics/prometheus.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { Embedder } from '../../../ports/embedder.ts';
import { type DocumentVectors, openDocumentVectors } from '../../../stores/document-vectors.ts';
import { MeaningSearch, type MeaningSearchOptions } from './meaning-search.ts';

const clock = systemClock();
const away = new PulseError('embedder.unavailable', { name: 'angles', reason: 'ECONNREFUSED' });

/** Texts are angles in degrees, of which it makes vectors; `fails` and `silent` switch it. */
function angles() {
  const state = { fails: false, silent: false, asked: 0 };
  const embedder: Embedder = {
    name: 'angles',
    dimensions: async () => 2,
    async embed(texts, signal) {
      state.asked += 1;
      if (state.fails) throw away;
      if (state.silent)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
      return texts.map((text) => vectorOf(Number(text.split('\n').at(-1))));
    },
    close: async () => undefined,
  };
  return Object.assign(state, { embedder });
}

const vectorOf = (degrees: number): Float32Array =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

let database: Database;
let vectors: DocumentVectors;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-index-'));
  database = await pgliteDatabase({ path: join(folder, 'database'), clock });
  vectors = await openDocumentVectors(database, 'angles');
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => database.query('DELETE FROM documents'));

/** Indexes angles as another process would. */
async function embed(id: string, degrees: readonly number[]): Promise<void> {
  await putDocument(database, id, degrees.map(String));
  const missing = await vectors.missing(5_000);
  await vectors.save(missing.map((chunk) => ({ ...chunk, vector: vectorOf(Number(chunk.text.split('\n').at(-1))) })));
}

function made(options: MeaningSearchOptions = {}, of: { clock?: Clock } = {}) {
  const journal = recordingJournal();
  const metrics = prometheusMetrics({ process: false });
  const source = angles();
  const needs = {
    vectors,
    embedder: source.embedder,
    hold: heldVectors(of.clock ?? clock),
    clock: of.clock ?? clock,
    metrics,
    journal,
  };
  return { index: new MeaningSearch(needs, { freshMs: 0, ...options }), journal, metrics, source };
}
const found = async (index: MeaningSearch, degrees: number, limit: number): Promise<string[]> =>
  (await index.nearest(String(degrees), limit)).map(({ documentId, chunk }) => `${documentId} ${chunk}`);

test('finds the passages nearest to the query, nearest first, with their cosine', async () => {
  await embed('a', [0, 90, 45]);
  await embed('b', [50]);
  const { index } = made();
  const hits = await index.nearest('47', 3);
  expect(hits.map(({ documentId, chunk }) => `${documentId} ${chunk}`)).toEqual(['a 2', 'b 0', 'a 1']);
  expect(hits[0]!.similarity).toBeCloseTo(Math.cos((2 * Math.PI) / 180), 6);
});

test('finds nothing where there is nothing', async () => {
  const { index } = made();
  expect(await index.nearest('10', 5)).toEqual([]);
});

test('follows what is added, changed and deleted, by whomever', async () => {
  await embed('a', [0, 90]);
  await embed('b', [45]);
  const { index } = made();
  expect(await found(index, 80, 2)).toEqual(['a 1', 'b 0']);
  await embed('c', [80]);
  expect(await found(index, 80, 2)).toEqual(['c 0', 'a 1']);
  await embed('a', [0, 10]);
  expect(await found(index, 80, 3)).toEqual(['c 0', 'b 0', 'a 1']);
  await removeDocument(database, 'c');
  expect(await found(index, 80, 2)).toEqual(['b 0', 'a 1']);
  await removeDocument(database, 'b');
  await embed('d', [81]);
  expect(await found(index, 80, 2)).toEqual(['d 0', 'a 1']);
  expect(index.held.vectors).toBe(3);
});

test('reads the store again only after a while', async () => {
  await embed('a', [0]);
  const virtual = virtualClock(0);
  const { index } = made({ freshMs: 1_000 }, { clock: virtual });
  const search = async (): Promise<string[]> => {
    const hits = found(index, 80, 1);
    await virtual.advance(1);
    return hits;
  };
  expect(await search()).toEqual(['a 0']);
  await embed('b', [80]);
  expect(await search()).toEqual(['a 0']);
  await virtual.advance(1_000);
  expect(await search()).toEqual(['b 0']);
});

test('keeps to its memory, says once that it is full, and takes in others where room was made', async () => {
  // A block of 1,024 vectors of 2 floats.
  const { index, journal, metrics } = made({ maxBytes: 1_024 * 2 * 4 });
  await embed(
    'a',
    Array.from({ length: 1_000 }, (_, i) => i / 10),
  );
  await embed(
    'b',
    Array.from({ length: 100 }, (_, i) => 200 + i),
  );
  expect(await found(index, 200, 1)).toEqual(['b 0']);
  expect(index.held).toEqual({ vectors: 1_024, bytes: 8_192, leftOut: 76 });
  await embed('c', [300]);
  await found(index, 200, 1);
  expect(journal.codes()).toEqual(['vectors.full']);
  expect(await metrics.text()).toContain('pulse_mcp2_vectors_left_out 77');
  await removeDocument(database, 'a');
  await found(index, 200, 1);
  expect(await found(index, 300, 2)).toEqual(['c 0', 'b 99']);
  expect(index.held).toMatchObject({ vectors: 101, leftOut: 0 });
});

test('vectors of another length take the place of all', async () => {
  await embed('a', [0, 90]);
  const { index } = made();
  await found(index, 80, 1);
  await putDocument(database, 'b', ['x']);
  await vectors.save((await vectors.missing(10)).map((chunk) => ({ ...chunk, vector: Float32Array.of(1, 0, 0) })));
  expect(await found(index, 80, 5)).toEqual([]);
  expect(index.held.vectors).toBe(1);
  await vectors.save((await vectors.missing(10)).map((chunk) => ({ ...chunk, vector: vectorOf(90) })));
  expect((await found(index, 80, 5)).sort()).toEqual(['a 0', 'a 1']);
});

test('passes over a stored vector that has no direction, and says so', async () => {
  await embed('a', [0]);
  await putDocument(database, 'b', ['x', 'y']);
  const missing = await vectors.missing(10);
  await vectors.save(missing.map((chunk, i) => ({ ...chunk, vector: i === 0 ? Float32Array.of(0, 0) : vectorOf(90) })));
  const { index, journal } = made();
  expect(await found(index, 80, 5)).toEqual(['b 1', 'a 0']);
  expect(index.held).toMatchObject({ vectors: 2, leftOut: 1 });
  expect(journal.codes()).toEqual(['chunk.refused']);
});

test('lets others have the event loop while it goes through many vectors', async () => {
  await embed(
    'a',
    Array.from({ length: 5_000 }, (_, i) => i / 100),
  );
  const turns: number[] = [];
  let now = 0;
  // Each look at the time finds 1 ms gone.
  const counting: Clock = {
    ...clock,
    monotonic: () => {
      now += 1;
      return now;
    },
    sleep: (ms, signal) => {
      if (ms === 0) turns.push(now);
      return clock.sleep(ms, signal);
    },
  };
  const { index } = made({ freshMs: 60_000 }, { clock: counting });
  await index.refresh();
  expect(await found(index, 20, 1)).toEqual(['a 2000']);
  expect(turns.length).toBeGreaterThanOrEqual(2);
  const stop = new AbortController();
  const search = index.nearest('20', 1, stop.signal);
  stop.abort(new Error('the caller hung up'));
  await expect(search).rejects.toThrow('the caller hung up');
});

test('rejects while the embedder is away, asks it but once in a while, and finds again when it is back', async () => {
  await embed('a', [0]);
  const virtual = virtualClock(0);
  const { index, source } = made({}, { clock: virtual });
  source.fails = true;
  await expect(index.nearest('10', 1)).rejects.toBe(away);
  await expect(index.nearest('10', 1)).rejects.toBe(away);
  expect(source.asked).toBe(1);
  source.fails = false;
  await virtual.advance(5_000);
  expect(await found(index, 10, 1)).toEqual(['a 0']);
});

test('goes without an embedder that does not answer in time', async () => {
  const virtual = virtualClock(0);
  const { index, source } = made({ queryMs: 3_000 }, { clock: virtual });
  source.silent = true;
  const search = index.nearest('10', 1);
  const failed = expect(search).rejects.toMatchObject({ code: 'embedder.unavailable', message: /3000 ms/ });
  await virtual.advance(3_000);
  await failed;
});

test('a caller who hangs up says nothing about the embedder', async () => {
  await embed('a', [0]);
  const { index, source } = made();
  source.silent = true;
  const stop = new AbortController();
  const search = index.nearest('10', 1, stop.signal);
  const reason = new PulseError('embedder.unavailable', { name: 'angles', reason: 'the caller hung up' });
  stop.abort(reason);
  await expect(search).rejects.toBe(reason);
  source.silent = false;
  expect(await found(index, 10, 1)).toEqual(['a 0']);
});
