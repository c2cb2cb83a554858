import { createHash } from 'node:crypto';
import type { Database } from '../../src/ports/database.ts';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Stores a document of these passages in the place of the one that was there; passages that stay the same are left alone. */
export async function putDocument(database: Database, id: string, contents: readonly string[]): Promise<void> {
  await database.transaction(async (query) => {
    await query(
      `INSERT INTO documents (id, title, format, content, digest, chunks, length, words, indexed_at)
       VALUES ($1, $1, 'text', $2, $3, $4, 0, '{}', now())
       ON CONFLICT (id) DO UPDATE SET content = excluded.content, digest = excluded.digest, chunks = excluded.chunks`,
      [id, contents.join('\n'), digestOf(contents.join('\n')), contents.length],
    );
    await query('DELETE FROM document_chunks WHERE document_id = $1 AND number >= $2', [id, contents.length]);
    await query(
      `INSERT INTO document_chunks AS c (document_id, number, title, headings, content, digest, search)
       SELECT $1, t.number - 1, $1, '{Chapter}', t.content, t.digest, ''::tsvector
       FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t(content, digest, number)
       ON CONFLICT (document_id, number) DO UPDATE SET content = excluded.content, digest = excluded.digest
         WHERE c.digest <> excluded.digest`,
      [id, contents, contents.map(digestOf)],
    );
  });
}

export const removeDocument = async (database: Database, id: string): Promise<void> => {
  await database.query('DELETE FROM documents WHERE id = $1', [id]);
};
