import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { postgresDatabase } from '../../src/adapters/database/postgres.ts';
import type { Database } from '../../src/ports/database.ts';
import { type ChunkText, type DocumentVectors, openDocumentVectors } from '../../src/stores/document-vectors.ts';
import { digestOf, putDocument, removeDocument } from '../support/document-chunks.ts';
import { describeWith } from '../support/needs.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../support/postgres-server.ts';

const clock = systemClock();
const vector = (...values: number[]): Float32Array => Float32Array.from(values);
const made = (chunks: readonly ChunkText[], ...values: number[]) =>
  chunks.map((chunk) => ({ ...chunk, vector: vector(...values) }));

/** `follower`: another handle, which waits for no writer. */
function suite(open: () => Promise<{ database: Database; follower: Database; close(): Promise<void> }>): void {
  let database: Database;
  let follower: Database;
  let close: () => Promise<void>;
  let vectors: DocumentVectors;
  beforeAll(async () => {
    ({ database, follower, close } = await open());
    await openDocumentVectors(database, 'minilm');
  });
  afterAll(() => close());
  beforeEach(async () => {
    await database.query('DELETE FROM documents');
    await database.query('DELETE FROM document_embedders');
    vectors = await openDocumentVectors(database, 'minilm');
  });
  /** Every vector there is, followed as the index does it. */
  const all = async (limit = 1_000) => {
    const found = [];
    for (let revision = 0; ; ) {
      const page = await vectors.since(revision, limit);
      found.push(...page);
      if (page.length === 0) return found;
      revision = page.at(-1)!.revision;
    }
  };

  test('a chunk is missing until its vector is stored, and is to be embedded with its title and headings', async () => {
    await putDocument(database, 'risk', ['Cut losses.', 'Let profits run.']);
    expect(await vectors.missing(10)).toEqual([
      { documentId: 'risk', number: 0, digest: digestOf('Cut losses.'), text: 'risk\nChapter\nCut losses.' },
      { documentId: 'risk', number: 1, digest: digestOf('Let profits run.'), text: 'risk\nChapter\nLet profits run.' },
    ]);
    expect(await vectors.save(made(await vectors.missing(1), 1, 0))).toBe(1);
    expect((await vectors.missing(10)).map(({ number }) => number)).toEqual([1]);
    expect(await vectors.unembedded()).toBe(1);
    expect(await vectors.missing(10, await vectors.missing(10))).toEqual([]);
  });

  test('vectors come back as they were, to the last bit', async () => {
    await putDocument(database, 'risk', ['a', 'b']);
    const [a, b] = await vectors.missing(2);
    const values = vector(0.1, -1 / 3, 1e-38, 1e-45, 3.4e38, -0);
    await vectors.save([
      { ...a!, vector: values },
      { ...b!, vector: values.map((value) => -value) },
    ]);
    const stored = await all(1);
    expect(stored.map(({ vector: each }) => each)).toEqual([values, values.map((value) => -value)]);
    expect(stored[1]!.revision).toBeGreaterThan(stored[0]!.revision);
  });

  test('a chunk that changed is missing again, and takes no vector of what it said before', async () => {
    await putDocument(database, 'risk', ['Cut losses.', 'Let profits run.']);
    const before = await vectors.missing(10);
    await vectors.save(made(before, 1, 0));
    await putDocument(database, 'risk', ['Cut losses early.', 'Let profits run.']);
    const now = await vectors.missing(10);
    expect(now.map(({ text }) => text)).toEqual(['risk\nChapter\nCut losses early.']);
    const last = (await all()).at(-1)!.revision;
    expect(await vectors.save(made(before, 0, 1))).toBe(1);
    expect(await vectors.missing(10)).toEqual(now);
    expect(await vectors.save(made(now, 0.6, 0.8))).toBe(1);
    expect((await vectors.since(last, 10)).map(({ number, vector: each }) => [number, ...each])).toEqual([
      [1, 0, 1],
      [0, Math.fround(0.6), Math.fround(0.8)],
    ]);
    expect(await vectors.count()).toBe(2);
  });

  test('a chunk that is gone takes its vector along, and is given no other', async () => {
    await putDocument(database, 'risk', ['a', 'b']);
    await putDocument(database, 'exits', ['c']);
    const chunks = await vectors.missing(10);
    await vectors.save(made(chunks, 1, 0));
    await removeDocument(database, 'exits');
    await putDocument(database, 'risk', ['a']);
    expect(await vectors.count()).toBe(1);
    expect(await vectors.places(null, 10)).toEqual([{ documentId: 'risk', number: 0 }]);
    expect(await vectors.save(made(chunks, 0, 1))).toBe(1);
    expect(await vectors.count()).toBe(1);
  });

  test('places are paged by document and number', async () => {
    await putDocument(database, 'b', ['1', '2', '3']);
    await putDocument(database, 'a', ['1']);
    await vectors.save(made(await vectors.missing(10), 1));
    const first = await vectors.places(null, 2);
    expect(first).toEqual([
      { documentId: 'a', number: 0 },
      { documentId: 'b', number: 0 },
    ]);
    expect((await vectors.places(first[1]!, 2)).map(({ number }) => number)).toEqual([1, 2]);
  });

  test('another embedder has vectors of its own', async () => {
    await putDocument(database, 'risk', ['a']);
    await vectors.save(made(await vectors.missing(10), 1, 0));
    const other = await openDocumentVectors(database, 'ada');
    expect(await other.unembedded()).toBe(1);
    await other.save(made(await other.missing(10), 1, 2, 3));
    expect((await other.since(0, 10)).map(({ vector: each }) => each.length)).toEqual([3]);
    expect((await all()).map(({ vector: each }) => each.length)).toEqual([2]);
  });

  test('vectors of another length are of another model, and take the place of all', async () => {
    await putDocument(database, 'risk', ['a', 'b']);
    const [a, b] = await vectors.missing(2);
    await vectors.save(made([a!, b!], 1, 0));
    await vectors.save(made([a!], 1, 0, 0));
    expect(await vectors.count()).toBe(1);
    expect(await vectors.missing(10)).toEqual([b]);
  });

  test('vectors of an embedder that is no longer in use are dropped; it begins anew where it comes back', async () => {
    await putDocument(database, 'risk', ['a']);
    const other = await openDocumentVectors(database, 'ada');
    await other.save(made(await other.missing(10), 1, 0));
    await database.query(`UPDATE document_embedders SET used_at = now() - interval '31 days'`);
    expect(await vectors.dropUnused(30)).toEqual(['ada']);
    expect(await vectors.dropUnused(30)).toEqual([]);
    expect(await other.unembedded()).toBe(1);
    expect(await other.save(made(await other.missing(10), 0, 1))).toBe(1);
    expect(await other.count()).toBe(1);
  });

  test('a follower misses nothing, however many write at once', async () => {
    await putDocument(
      database,
      'risk',
      Array.from({ length: 1_200 }, (_, i) => `passage ${i}`),
    );
    const chunks = await vectors.missing(1_200);
    // Of different sizes: what began first is over last.
    const parts = Array.from({ length: 60 }, (_, i) => chunks.filter((_, k) => k % 60 === i || (i < 5 && k < 600)));
    const writers = Promise.all(
      parts.map(async (part) => (await openDocumentVectors(database, 'minilm')).save(made(part, 1, 0))),
    );
    let over = false;
    // detached: the test awaits `writers` below
    void writers.finally(() => {
      over = true;
    });
    const followed = await openDocumentVectors(follower, 'minilm');
    const newest = new Map<number, number>();
    let revision = 0;
    for (let last = false; !last; ) {
      last = over;
      for (const row of await followed.since(revision, 50)) {
        newest.set(row.number, row.revision);
        revision = row.revision;
        last = false;
      }
    }
    await writers;
    const stored = (await all()).map((row) => [row.number, row.revision] as const);
    expect(stored).toHaveLength(1_200);
    expect([...newest].sort(([a], [b]) => a - b)).toEqual(stored.sort(([a], [b]) => a - b));
  });
}

describe('the store of vectors, embedded', () => {
  suite(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-vectors-'));
    const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
    return {
      database,
      follower: database,
      close: async () => {
        await database.close();
        await rm(folder, { recursive: true });
      },
    };
  });
});

await describeWith('the store of vectors, on Postgres', { engines: [postgresAvailable] }, () => {
  let server: PostgresServer;
  suite(async () => {
    server = await startPostgres();
    const database = await postgresDatabase({ dsn: server.dsn, clock });
    const follower = await postgresDatabase({ dsn: server.dsn, clock });
    return {
      database,
      follower,
      close: async () => {
        await database.close();
        await follower.close();
        await server.dispose();
      },
    };
  });
});
