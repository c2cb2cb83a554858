import type { Database } from '../ports/database.ts';
import { migrate } from './migrations.ts';

/** A chunk of a document, by its number in it. */
export interface ChunkPlace {
  readonly documentId: string;
  readonly number: number;
}

/** A chunk as it was when somebody looked: `digest` is of all that is searched in it. */
export interface ChunkVersion extends ChunkPlace {
  readonly digest: string;
}

/** What is to be embedded of a chunk: title of the document, headings and content, a line each. */
export interface ChunkText extends ChunkVersion {
  readonly text: string;
}

export interface ChunkVector extends ChunkVersion {
  readonly vector: Float32Array;
}

export interface StoredVector extends ChunkPlace {
  /** Grows with every change, in the order of commits. */
  readonly revision: number;
  readonly vector: Float32Array;
}

/** The vectors that one embedder made of the chunks of all documents. A chunk that goes takes its vectors along. Each call may reject with `database.*`. */
export interface DocumentVectors {
  /** Up to `limit` chunks without a vector of what they now say, but none of `except`. */
  missing(limit: number, except?: readonly ChunkVersion[]): Promise<ChunkText[]>;
  /** How many chunks have no vector of what they now say. */
  unembedded(): Promise<number>;
  /**
   * Stores vectors, of chunks that still say what they were made of; resolves with how many those are. Vectors of another length than the
   * stored ones are of another model: they take the place of all of those.
   */
  save(vectors: readonly ChunkVector[]): Promise<number>;
  /** Up to `limit` vectors that were stored after `revision`, oldest first. Deleted ones are told by `count` and `places` alone. */
  since(revision: number, limit: number): Promise<StoredVector[]>;
  count(): Promise<number>;
  /** Up to `limit` places of vectors after the given one, by document and number. */
  places(after: ChunkPlace | null, limit: number): Promise<ChunkPlace[]>;
  /** Says that the embedder is in use, and drops the vectors of those that no process has used for `days`. Resolves with the names of these. */
  dropUnused(days: number): Promise<string[]>;
}

const UNEMBEDDED = `
  FROM document_chunks c LEFT JOIN document_vectors v
    ON v.embedder = $1 AND v.document_id = c.document_id AND v.number = c.number AND v.digest = c.digest
  WHERE v.embedder IS NULL`;
const MISSING = `
  SELECT c.document_id AS "documentId", c.number, c.digest,
    array_to_string(array_remove(c.title || c.headings || c.content, ''), E'\\n') AS text ${UNEMBEDDED}
  AND NOT EXISTS (
    SELECT FROM unnest($3::text[], $4::int4[], $5::text[]) AS x(document_id, number, digest)
    WHERE (x.document_id, x.number, x.digest) = (c.document_id, c.number, c.digest))
  ORDER BY c.document_id, c.number LIMIT $2`;

// The chunk is held until the end: one that is deleted meanwhile would leave a vector that refers to nothing. As base64, since not every
// driver takes an array of bytea.
const SAVE = `
  WITH made AS (
    SELECT c.document_id, c.number, c.digest, decode(t.vector, 'base64') AS vector
    FROM unnest($2::text[], $3::int4[], $4::text[], $5::text[]) AS t(document_id, number, digest, vector)
    JOIN document_chunks c ON (c.document_id, c.number, c.digest) = (t.document_id, t.number, t.digest)
    ORDER BY c.document_id, c.number FOR KEY SHARE OF c)
  INSERT INTO document_vectors (embedder, document_id, number, digest, vector)
  SELECT $1, document_id, number, digest, vector FROM made
  ON CONFLICT (embedder, document_id, number) DO UPDATE
    SET digest = excluded.digest, vector = excluded.vector, revision = excluded.revision
  RETURNING 1 AS saved`;

/** Holds the embedder's row until the end of a transaction: writers wait for each other, so that the order of revisions is that of commits. */
const USE = `
  INSERT INTO document_embedders (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET used_at = now() RETURNING number`;

/** Opens the store for the embedder of that name, its schema brought up to date. */
export async function openDocumentVectors(database: Database, embedder: string): Promise<DocumentVectors> {
  await migrate(database);
  const [used] = await database.query<{ number: number }>(USE, [embedder]);
  let { number: id } = used!;
  return {
    missing: (limit, except = []) => database.query<RowOf<ChunkText>>(MISSING, [id, limit, ...columns(except)]),
    async unembedded() {
      const [row] = await database.query<{ n: number }>(`SELECT count(*)::int4 AS n ${UNEMBEDDED}`, [id]);
      return row!.n;
    },
    async save(vectors) {
      const [first] = vectors;
      if (first === undefined) return 0;
      return database.transaction(async (query) => {
        // First of all, for the order; and another process may have dropped it as unused.
        const [row] = await query<{ number: number }>(USE, [embedder]);
        id = row!.number;
        const [changed] = await query(
          `UPDATE document_embedders SET dimensions = $2 WHERE number = $1 AND dimensions IS DISTINCT FROM $2
           RETURNING number`,
          [id, first.vector.length],
        );
        if (changed !== undefined) await query('DELETE FROM document_vectors WHERE embedder = $1', [id]);
        const written = vectors.map(({ vector }) => bytesOf(vector).toString('base64'));
        return (await query(SAVE, [id, ...columns(vectors), written])).length;
      });
    },
    async since(revision, limit) {
      const rows = await database.query<RowOf<ChunkPlace> & { revision: string; vector: Uint8Array }>(
        `SELECT document_id AS "documentId", number, revision, vector FROM document_vectors
         WHERE embedder = $1 AND revision > $2::bigint ORDER BY revision LIMIT $3`,
        [id, revision, limit],
      );
      return rows.map((row) => ({ ...row, revision: Number(row.revision), vector: vectorOf(row.vector) }));
    },
    async count() {
      const sql = 'SELECT count(*)::int4 AS n FROM document_vectors WHERE embedder = $1';
      const [row] = await database.query<{ n: number }>(sql, [id]);
      return row!.n;
    },
    places: (after, limit) =>
      database.query<RowOf<ChunkPlace>>(
        `SELECT document_id AS "documentId", number FROM document_vectors
         WHERE embedder = $1 AND ($2::text IS NULL OR (document_id, number) > ($2, $3)) ORDER BY document_id, number LIMIT $4`,
        [id, after?.documentId ?? null, after?.number ?? 0, limit],
      ),
    async dropUnused(days) {
      const rows = await database.transaction(async (query) => {
        await query(USE, [embedder]);
        return query<{ name: string }>(
          'DELETE FROM document_embedders WHERE used_at < now() - make_interval(days => $1) RETURNING name',
          [days],
        );
      });
      return rows.map(({ name }) => name);
    },
  };
}

/** As a row: of an interface the compiler does not know that nothing else is in it. */
type RowOf<T> = { [K in keyof T]: T[K] };

const columns = (chunks: readonly ChunkVersion[]): [string[], number[], string[]] => [
  chunks.map(({ documentId }) => documentId),
  chunks.map(({ number }) => number),
  chunks.map(({ digest }) => digest),
];

/** 32-bit floats, the lowest byte first, on every machine. */
function bytesOf(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(vector.length * 4);
  for (let i = 0; i < vector.length; i += 1) bytes.writeFloatLE(vector[i]!, i * 4);
  return bytes;
}

function vectorOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vector = new Float32Array(bytes.byteLength / 4);
  for (let i = 0; i < vector.length; i += 1) vector[i] = view.getFloat32(i * 4, true);
  return vector;
}
