import { PulseError } from '../domain/errors.ts';
import { makeDocuments } from '../services/mcp2/documents/documents.ts';
import type { Documents, IndexedDocument, SearchPage, StoredDocument } from '../services/mcp2/parts.ts';
import { openDocuments } from '../stores/documents.ts';
import type { Runtime } from './runtime.ts';
import { askUp } from './up-client.ts';

/** Where the mcp2 of a `pulse up` listens unless it is told otherwise. */
const BESIDE_UP = 'http://127.0.0.1:8002';

/** The documents of a command: those of its own database, or of the mcp2 that it is told of or that runs in the `pulse up` which holds the embedded one. */
export async function documentsOf(runtime: Runtime): Promise<Documents> {
  const { config, engines, clock, metrics } = runtime;
  const { mcp2Url, mcp2ClientKey, documentMaxBytes } = config.values;
  const address = mcp2Url ?? ((await askUp(runtime)) === null ? null : BESIDE_UP);
  if (address !== null) return remoteDocuments(address.replace(/\/+$/, ''), mcp2ClientKey);
  return makeDocuments(
    { store: await openDocuments(await engines.database()), vectors: null, clock, metrics },
    { publicUrl: BESIDE_UP, maxBytes: documentMaxBytes },
  );
}

/** The documents of an mcp2, over its HTTP routes. */
function remoteDocuments(address: string, key: string | null): Documents {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== null && { 'x-api-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new PulseError('mcp2.unreachable', { address, reason: reasonOf(cause) }, { cause });
    });
    const text = await response.text();
    if (!response.ok)
      throw new PulseError('mcp2.refused', { address, status: response.status, detail: detailOf(text) });
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const one = (id: string): string => `/documents/${encodeURIComponent(id)}`;
  return {
    search: (query, limit, offset) =>
      ask<SearchPage>('GET', `/search_docs?${new URLSearchParams({ query, limit: `${limit}`, offset: `${offset}` })}`),
    add: (document) => ask<IndexedDocument>('POST', '/documents', document),
    get: (id) => ask<StoredDocument>('GET', one(id)),
    remove: async (id) => void (await ask('DELETE', one(id))),
    list: (limit, offset) =>
      ask<Omit<StoredDocument, 'content'>[]>('GET', `/documents?limit=${limit}&offset=${offset}`),
  };
}

const reasonOf = (cause: unknown): string => {
  const { message, cause: below } = cause as Error;
  return below instanceof Error && below.message !== '' ? below.message : message;
};

/** What the answer says is wrong: its `detail`, or its beginning. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? detail : JSON.stringify(detail ?? text).slice(0, 300);
  } catch {
    // Not of mcp2: whoever reads it may know from what it is.
    return text.slice(0, 100);
  }
}
