import type { UnifiedAnalysis } from '../../domain/analysis/unified-analysis.ts';
import type { IndexedDocument, ListedDocument, StoredDocument } from '../../domain/desk/document.ts';
import type { GuidanceAnswer, ModelInfo } from '../../domain/desk/guidance-answer.ts';
import type { ParityReading, ServedBars, StreamEntries } from '../../domain/desk/market-answers.ts';
import type { SearchPage } from '../../domain/desk/search-page.ts';
import type { Trade } from '../../domain/desk/trade.ts';
import { type ErrorCode, errors, PulseError } from '../../domain/errors/errors.ts';
import type { Desk, Guidance, Market } from '../../ports/desk.ts';

type Query = Readonly<Record<string, string | number | boolean | null>>;

interface Asked {
  readonly method?: 'POST' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks an mcp2. Rejects with the error that it answers with, `mcp2.unreachable` or `mcp2.refused`. */
type Ask = <T>(path: string, asked?: Asked) => Promise<{ readonly body: T; readonly headers: Headers }>;

/** The desk of an mcp2 over its HTTP routes. It sees the key that is shown, not the caller. */
export function remoteDesk(address: string, key: string | null): Desk {
  const ask = asking(address.replace(/\/+$/, ''), key);
  return { trades: trades(ask), documents: documents(ask), guidance: guidance(ask), market: market(ask) };
}

const trades = (ask: Ask): Desk['trades'] => ({
  async log(payload, _caller, idempotencyKey) {
    const { body, headers } = await ask<{ id: string }>('/log_enriched_trade', {
      body: { payload },
      ...(idempotencyKey !== null && { headers: { 'idempotency-key': idempotencyKey } }),
    });
    return { id: body.id, repeated: headers.get('idempotency-replayed') === 'true' };
  },
  fetch: async (id) => (await ask<Trade>('/fetch_payload', { query: { id } })).body,
  recent: async (limit, before) =>
    (await ask<{ trades: Trade[] }>('/trades/recent', { query: { limit, before } })).body.trades,
});

const documents = (ask: Ask): Desk['documents'] => ({
  search: async (query, limit, offset) =>
    (await ask<SearchPage>('/search_docs', { query: { query, limit, offset } })).body,
  add: async (document) => (await ask<IndexedDocument>('/documents', { body: document })).body,
  get: async (id) => (await ask<StoredDocument>(`/documents/${encodeURIComponent(id)}`)).body,
  remove: async (id) => void (await ask(`/documents/${encodeURIComponent(id)}`, { method: 'DELETE' })),
  list: async (limit, offset) =>
    (await ask<{ documents: ListedDocument[] }>('/documents', { query: { limit, offset } })).body.documents,
});

const guidance = (ask: Ask): Guidance => ({
  whisperer: async (request, _caller, signal) =>
    (await ask<GuidanceAnswer>('/llm/whisperer', { body: request, signal })).body,
  simple: async (request, _caller, signal) =>
    (await ask<GuidanceAnswer>('/llm/simple', { body: request, signal })).body,
  analyze: async (model, stream, asked, _caller, signal) =>
    (await ask<GuidanceAnswer>(`/llm/${encodeURIComponent(model)}/analyze`, { body: { stream, ...asked }, signal }))
      .body,
  models: async (signal) => (await ask<{ models: ModelInfo[] }>('/llm/models', { signal })).body.models,
});

const market = (ask: Ask): Market => ({
  entries: async (stream, count, reverse, beforeId) =>
    (
      await ask<StreamEntries>(`/streams/${encodeURIComponent(stream)}`, {
        query: { count, reverse, before_id: beforeId },
      })
    ).body,
  bars: async (symbol, count) =>
    (await ask<ServedBars>(`/bars/${encodeURIComponent(symbol)}`, { query: { count } })).body,
  parity: async (symbol) => (await ask<ParityReading>('/parity', { query: { symbol } })).body,
  analysis: async (symbol, timeframe) =>
    (
      await ask<UnifiedAnalysis>(`/analysis/${encodeURIComponent(symbol)}`, {
        query: { timeframe },
      })
    ).body,
});

const asking =
  (address: string, key: string | null): Ask =>
  async <T>(path: string, { method, query = {}, body, headers, signal }: Asked = {}) => {
    const given = Object.entries(query).filter(([, value]) => value !== null);
    const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
    try {
      const response = await fetch(`${address}${path}${given.length === 0 ? '' : `?${search}`}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== null && { 'x-api-key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
      const text = await response.text();
      if (!response.ok) throw answered(address, response, text);
      return { body: (text === '' ? undefined : JSON.parse(text)) as T, headers: response.headers };
    } catch (cause) {
      // A caller that cancelled is told so, not that mcp2 is away.
      signal?.throwIfAborted();
      if (cause instanceof PulseError) throw cause;
      throw new PulseError('mcp2.unreachable', { address, reason: reasonOf(cause) }, { cause });
    }
  };

/** The error that mcp2 names, in its words; what it refused for other reasons is told with the status. */
function answered(address: string, { status, headers }: Response, text: string): PulseError {
  const detail = detailOf(text);
  const code = headers.get('x-pulse-error');
  if (code !== null && code in errors) return PulseError.told(code as ErrorCode, detail);
  if (status === 429 || status >= 500)
    return new PulseError('mcp2.unreachable', { address, reason: `it answers ${status}: ${detail}` });
  return new PulseError('mcp2.refused', { address, status, detail });
}

const LONGEST_DETAIL = 500;

/** What an answer says went wrong: its `detail`, the faults of it one by one, or the beginning of what is not of mcp2. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: string | { loc: (string | number)[]; msg: string }[] };
    if (Array.isArray(detail)) return detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
    return String(detail).slice(0, LONGEST_DETAIL);
  } catch {
    return text.slice(0, 100);
  }
}

/** What undici wraps says more than `fetch failed`. */
function reasonOf(cause: unknown): string {
  const { message, cause: below } = cause as Error;
  return below instanceof Error && below.message !== '' ? below.message : message;
}
