import type { Chunk } from '../domain/search/chunk.ts';
import { mayBeMisspelled, trigramsOf } from '../domain/search/spelling.ts';
import { indexText } from '../domain/search/words.ts';
import type { Database, Query } from '../ports/database.ts';
import type { DocumentFormat } from '../ports/document-reader.ts';
import { type DocumentSearch, documentSearch } from './document-search.ts';
import { migrate } from './migrations.ts';

/** A passage and the digest of all that is searched in it: its text, its headings, its document's title. */
export interface DigestedChunk extends Chunk {
  readonly digest: string;
}

/** A document, cut into its passages. No text in it holds a NUL or half a character. */
export interface ChunkedDocument {
  readonly id: string;
  readonly title: string;
  /** Where it can be read elsewhere, or null. */
  readonly url: string | null;
  readonly format: DocumentFormat;
  /** As it was given. */
  readonly content: string;
  /** Of all of the above. */
  readonly digest: string;
  readonly chunks: readonly DigestedChunk[];
}

/** What is told of a document without its text. */
export interface DocumentEntry {
  readonly id: string;
  readonly title: string;
  readonly url: string | null;
  readonly format: DocumentFormat;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A passage as it is stored; `number` counts from 0 within its document. */
export interface StoredChunk extends DigestedChunk {
  readonly documentId: string;
  readonly number: number;
  readonly title: string;
  readonly url: string | null;
}

export interface ChunkPlace {
  readonly documentId: string;
  readonly number: number;
}

/** Documents, their passages, and their full-text index. Each call may reject with `database.*`. */
export interface DocumentStore {
  /**
   * Stores a document in the place of the one with its id; all of it, or nothing. `unchanged`: the digest is that of the stored one, and nothing
   * was written. Passages whose number and digest stay the same are left alone, and with them what hangs on them.
   */
  put(document: ChunkedDocument, at: number): Promise<'added' | 'updated' | 'unchanged'>;
  /** Digest and number of passages of a stored document, or null. */
  digest(id: string): Promise<{ digest: string; chunks: number } | null>;
  get(id: string): Promise<(DocumentEntry & { readonly content: string }) | null>;
  /** The id of the document with that url that was indexed last, or null. */
  withUrl(url: string): Promise<string | null>;
  /** Whether there was one. */
  remove(id: string): Promise<boolean>;
  /** Newest first. */
  list(limit: number, offset: number): Promise<DocumentEntry[]>;
  /** Those of the places that are there, in no order. */
  chunks(places: readonly ChunkPlace[]): Promise<StoredChunk[]>;
  readonly index: DocumentSearch;
}

/** Whoever writes waits for its turn: then the counts of words are right, and of two versions that come at once one is the last. */
const LOCK = 'SELECT pg_advisory_xact_lock(7420003)';

const ENTRY = 'id, title, url, format, (extract(epoch FROM indexed_at) * 1000)::float8 AS at';

const PUT_DOCUMENT = `
  INSERT INTO documents (id, title, url, format, content, digest, chunks, length, words, indexed_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '{}', to_timestamp($8::float8 / 1000))
  ON CONFLICT (id) DO UPDATE SET title = excluded.title, url = excluded.url, format = excluded.format, content = excluded.content,
    digest = excluded.digest, chunks = excluded.chunks, indexed_at = excluded.indexed_at`;

const SET_WORDS =
  'UPDATE documents SET length = $2, words = ARRAY(SELECT json_array_elements_text($3::json)) WHERE id = $1';

const DROP_CHANGED = `
  WITH dropped AS (
    DELETE FROM document_chunks c WHERE document_id = $1 AND NOT EXISTS (
      SELECT FROM json_to_recordset($2::json) AS t(number int4, digest text) WHERE t.number = c.number AND t.digest = c.digest)
    RETURNING number)
  DELETE FROM document_terms WHERE document_id = $1 AND number IN (SELECT number FROM dropped)`;

const REMOVE = `
  WITH terms AS (DELETE FROM document_terms WHERE document_id = $1)
  DELETE FROM documents WHERE id = $1 RETURNING array_to_json(words)::text AS words`;

// The words of title, headings and text as the index takes them are given beside what people read. Each term carries the length of its passage:
// a search then ranks by the terms alone.
const PUT_CHUNKS = `
  WITH given AS (
    SELECT * FROM json_to_recordset($4::json)
      AS t(number int4, headings json, content text, digest text, heading_words text, content_words text, words int4)),
  added AS (
    INSERT INTO document_chunks (document_id, number, title, headings, content, digest, search)
    SELECT $1, number, $2, ARRAY(SELECT json_array_elements_text(headings)), content, digest,
      setweight(to_tsvector('pulse_words', $3), 'A') || setweight(to_tsvector('pulse_words', heading_words), 'B')
        || setweight(to_tsvector('pulse_words', content_words), 'D')
    FROM given ON CONFLICT DO NOTHING RETURNING document_id, number, search)
  INSERT INTO document_terms (lexeme, document_id, number, in_title, in_headings, in_content, length)
  SELECT lexeme, document_id, number, cardinality(array_positions(weights, 'A')), cardinality(array_positions(weights, 'B')),
    cardinality(array_positions(weights, 'D')), words
  FROM added JOIN given USING (number), unnest(search)`;

/** What is made ready for one statement: some milliseconds of work, after which others have the event loop. */
const CHUNKS_AT_ONCE = 100;
const WORDS_AT_ONCE = 2_000;
/** Different words of one document that misspelled ones may stand for: no prose has more, and to count a hundred thousand takes the embedded database ten seconds. */
const MOST_WORDS = 20_000;

const COUNT_WORDS = `
  INSERT INTO document_words AS w (word, documents, trigrams)
  SELECT word, 1, ARRAY(SELECT json_array_elements_text(trigrams)) FROM json_to_recordset($1::json) AS t(word text, trigrams json)
  ON CONFLICT (word) DO UPDATE SET documents = w.documents + 1`;

/** Opens the store, its schema brought up to date. Rejects with `database.*`. */
export async function openDocuments(database: Database): Promise<DocumentStore> {
  await migrate(database);
  const digest: DocumentStore['digest'] = async (id) => {
    const [row] = await database.query<{ digest: string; chunks: number }>(
      'SELECT digest, chunks FROM documents WHERE id = $1',
      [id],
    );
    return row ?? null;
  };
  return {
    digest,
    put: (document, at) =>
      database.transaction(async (query) => {
        await query(LOCK);
        const [before] = await query<{ digest: string; words: string }>(
          'SELECT digest, array_to_json(words)::text AS words FROM documents WHERE id = $1',
          [document.id],
        );
        if (before?.digest === document.digest) return 'unchanged';
        await replace(query, document, before === undefined ? [] : JSON.parse(before.words), at);
        return before === undefined ? 'added' : 'updated';
      }),
    async get(id) {
      const [row] = await database.query<{ content: string } & DocumentRow>(
        `SELECT ${ENTRY}, content FROM documents WHERE id = $1`,
        [id],
      );
      return row ?? null;
    },
    async withUrl(url) {
      const [row] = await database.query<{ id: string }>(
        'SELECT id FROM documents WHERE url = $1 ORDER BY indexed_at DESC, id LIMIT 1',
        [url],
      );
      return row?.id ?? null;
    },
    remove: (id) =>
      database.transaction(async (query) => {
        await query(LOCK);
        const [gone] = await query<{ words: string }>(REMOVE, [id]);
        if (gone !== undefined) await uncount(query, JSON.parse(gone.words));
        return gone !== undefined;
      }),
    list: (limit, offset) =>
      database.query<DocumentRow>(
        `SELECT ${ENTRY} FROM documents ORDER BY indexed_at DESC, documents.id LIMIT $1 OFFSET $2`,
        [limit, offset],
      ),
    chunks: (places) =>
      database.query<StoredChunk & Record<string, unknown>>(
        `SELECT c.document_id AS "documentId", c.number, c.title, d.url, c.headings, c.content, c.digest
         FROM unnest($1::text[], $2::int4[]) AS t(document_id, number)
         JOIN document_chunks c USING (document_id, number) JOIN documents d ON d.id = c.document_id`,
        [places.map(({ documentId }) => documentId), places.map(({ number }) => number)],
      ),
    index: documentSearch(database),
  };
}

type DocumentRow = DocumentEntry & Record<string, unknown>;

async function replace(
  query: Query,
  document: ChunkedDocument,
  oldWords: readonly string[],
  at: number,
): Promise<void> {
  const { id, title, url, format, content, digest, chunks } = document;
  await query(PUT_DOCUMENT, [id, title, url, format, content, digest, chunks.length, at]);
  const digests = chunks.map((chunk, number) => ({ number, digest: chunk.digest }));
  await query(DROP_CHANGED, [id, JSON.stringify(digests)]);
  const { words, length } = await putChunks(query, document);
  await query(SET_WORDS, [id, length, JSON.stringify([...words])]);
  await uncount(
    query,
    oldWords.filter((word) => !words.has(word)),
  );
  for (const word of oldWords) words.delete(word);
  for (const some of pieces([...words], WORDS_AT_ONCE))
    await query(COUNT_WORDS, [JSON.stringify(some.map((word) => ({ word, trigrams: trigramsOf(word) })))]);
}

/** Stores the passages; resolves to the words that a misspelled one may stand for, and to how many words there are in the text. */
async function putChunks(
  query: Query,
  { id, title, chunks }: ChunkedDocument,
): Promise<{ words: Set<string>; length: number }> {
  const titleWords = indexText(title);
  const words = new Set<string>();
  const learn = (text: string): string[] => {
    const all = text.split(' ');
    for (const word of all) if (words.size < MOST_WORDS && mayBeMisspelled(word)) words.add(word);
    return all;
  };
  learn(titleWords);
  let length = 0;
  for (const some of pieces([...chunks.entries()], CHUNKS_AT_ONCE)) {
    const rows = some.map(([number, chunk]) => {
      const texts = { heading_words: indexText(chunk.headings.join(' ')), content_words: indexText(chunk.content) };
      learn(texts.heading_words);
      return { number, ...chunk, ...texts, words: learn(texts.content_words).length };
    });
    length += rows.reduce((sum, row) => sum + row.words, 0);
    await query(PUT_CHUNKS, [id, title, titleWords, JSON.stringify(rows)]);
  }
  return { words, length };
}

async function uncount(query: Query, words: readonly string[]): Promise<void> {
  for (const some of pieces(words, WORDS_AT_ONCE)) {
    await query('UPDATE document_words SET documents = documents - 1 WHERE word = ANY($1::text[])', [some]);
    await query('DELETE FROM document_words WHERE word = ANY($1::text[]) AND documents < 1', [some]);
  }
}

function* pieces<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
}
