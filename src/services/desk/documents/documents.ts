import { createHash } from 'node:crypto';
import { documentId, type ListedDocument } from '../../../domain/desk/document.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import { asTitle, storable } from '../../../domain/search/document-text.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Documents, NewDocument } from '../../../ports/desk.ts';
import type { DocumentReader } from '../../../ports/document-reader.ts';
import type { ChunkedDocument, DocumentEntry, DocumentStore } from '../../../stores/documents.ts';
import { type SearchNeeds, searchDocuments } from './search.ts';

export interface DocumentsNeeds extends SearchNeeds {
  readonly reader: DocumentReader;
  readonly clock: Clock;
}

export interface DocumentsOptions {
  /** Where the documents without a url of their own can be read: `<publicUrl>/documents/<id>`. */
  readonly publicUrl: string;
  /** Most bytes of a document, in UTF-8. */
  readonly maxBytes: number;
}

/** Raise it when the reading or the cutting of documents changes: those that did not change are then indexed anew, too. */
const FORM = 1;

/** Documents and their search. */
export function makeDocuments(needs: DocumentsNeeds, options: DocumentsOptions): Documents {
  const { store, reader, clock } = needs;
  const urlOf = ({ id, url }: { id: string; url: string | null }): string =>
    url ?? `${options.publicUrl.replace(/\/+$/, '')}/documents/${encodeURIComponent(id)}`;
  const told = ({ id, title, url, format, at }: DocumentEntry): ListedDocument => ({
    id,
    title,
    url: urlOf({ id, url }),
    format,
    indexed_at: new Date(at).toISOString(),
  });
  return {
    search: searchDocuments(needs, urlOf),
    async add(document) {
      const id = await idOf(document, store);
      const bytes = Buffer.byteLength(document.content);
      if (bytes > options.maxBytes)
        throw new PulseError('document.too-large', { document: id, bytes, limit: options.maxBytes });
      const digest = sha256([FORM, document.title, document.url, document.format, document.content]);
      const known = await store.digest(id);
      if (known?.digest === digest) return { id, chunks: known.chunks, change: 'unchanged' };
      const chunked = await chunkedDocument(reader, id, digest, document);
      return { id, chunks: chunked.chunks.length, change: await store.put(chunked, clock.now()) };
    },
    async get(id) {
      const found = storable(id) === id ? await store.get(id) : null;
      if (found === null) throw new PulseError('document.none', { id });
      return { ...told(found), content: found.content };
    },
    async remove(id) {
      if (storable(id) !== id || !(await store.remove(id))) throw new PulseError('document.none', { id });
    },
    list: async (limit, offset) => (await store.list(limit, offset)).map(told),
  };
}

async function chunkedDocument(
  reader: DocumentReader,
  id: string,
  digest: string,
  document: NewDocument,
): Promise<ChunkedDocument> {
  const content = storable(document.content);
  const read = await reader.read({ id, content, format: document.format });
  const title = asTitle(document.title === undefined ? '' : storable(document.title)) || read.title || id;
  const chunks = read.chunks.map((chunk) => ({
    ...chunk,
    digest: sha256([title, chunk.headings, chunk.content]),
  }));
  if (chunks.length === 0) throw new PulseError('document.empty', { document: id });
  const url = document.url === undefined ? null : storable(document.url);
  return { id, title, url, format: document.format, content, digest, chunks };
}

/** The id that was given; or else that of the document with its url, or one made of the url; or one made of the content. */
async function idOf({ id, url, content }: NewDocument, store: DocumentStore): Promise<string> {
  if (id === undefined)
    return url === undefined ? shortDigest(content) : ((await store.withUrl(storable(url))) ?? shortDigest(url));
  if (!documentId.safeParse(id).success) throw new PulseError('document.id', { id });
  return id;
}

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const shortDigest = (text: string): string => sha256(text).slice(0, 20);
