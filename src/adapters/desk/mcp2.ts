import type { UnifiedAnalysis } from '../../domain/analysis/unified-analysis.ts';
import type { IndexedDocument, ListedDocument, StoredDocument } from '../../domain/desk/document.ts';
import { notAnEntry } from '../../domain/desk/entry-id.ts';
import type { GuidanceAnswer, ModelInfo } from '../../domain/desk/guidance-answer.ts';
import type { ParityReading, ServedBars, StreamEntries } from '../../domain/desk/market-answers.ts';
import type { SearchPage } from '../../domain/desk/search-page.ts';
import type { Trade } from '../../domain/desk/trade.ts';
import { type ErrorCode, errors, PulseError } from '../../domain/errors/errors.ts';
import { checkIdempotencyKey } from '../../domain/trade/idempotency-key.ts';
import type { Desk, Guidance, Market } from '../../ports/desk.ts';

type Query = Readonly<Record<string, string | number | boolean | null>>;

/** Of arguments that the routes of mcp2 don't take, by their place in a request: the error with which a desk at hand answers them. */
type Misfits = Readonly<Record<string, PulseError>>;

interface Request {
  readonly method?: 'POST' | 'DELETE';
  /** What stands for `:name` in the path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly misfits?: Misfits;
  readonly signal?: AbortSignal;
}

/** Asks an mcp2. Rejects with the error that it answers with, `mcp2.unreachable` or `mcp2.refused`. */
type Ask = <T>(path: string, request?: Request) => Promise<{ readonly body: T; readonly headers: Headers }>;

/** The desk of an mcp2 over its HTTP routes. It sees the key that is shown, not the caller. */
export function remoteDesk(address: string, key: string | null): Desk {
  const ask = asking(address.replace(/\/+$/, ''), key);
  return { trades: trades(ask), documents: documents(ask), guidance: guidance(ask), market: market(ask) };
}

const trades = (ask: Ask): Desk['trades'] => ({
  async log(payload, _caller, key) {
    if (key !== null) checkIdempotencyKey(key);
    const { body, headers } = await ask<{ id: string }>('/log_enriched_trade', {
      body: { payload },
      ...(key !== null && { headers: { 'idempotency-key': key } }),
    });
    return { id: body.id, repeated: headers.get('idempotency-replayed') === 'true' };
  },
  async fetch(id) {
    const misfits = { 'query.id': new PulseError('trade.none', { id }) };
    return (await ask<Trade>('/fetch_payload', { query: { id }, misfits })).body;
  },
  async recent(limit, before) {
    const misfits = { 'query.before': new PulseError('trade.cursor', { before }) };
    return (await ask<{ trades: Trade[] }>('/trades/recent', { query: { limit, before }, misfits })).body.trades;
  },
});

const documents = (ask: Ask): Desk['documents'] => ({
  search: async (query, limit, offset) =>
    (await ask<SearchPage>('/search_docs', { query: { query, limit, offset } })).body,
  async add(document) {
    const { id, url, content } = document;
    if (!/\S/.test(content)) throw new PulseError('document.empty', { document: id ?? url ?? 'the document' });
    const misfits = { 'body.id': new PulseError('document.id', { id }) };
    try {
      return (await ask<IndexedDocument>('/documents', { body: document, misfits })).body;
    } catch (error) {
      // One that is much too large is refused before the desk sees it.
      if (error instanceof PulseError && error.code === 'mcp2.refused' && error.evidence.status === 413)
        throw PulseError.told('document.too-large', String(error.evidence.detail));
      throw error;
    }
  },
  get: async (id) => (await ask<StoredDocument>('/documents/:id', documentOf(id))).body,
  remove: async (id) => void (await ask('/documents/:id', { method: 'DELETE', ...documentOf(id) })),
  list: async (limit, offset) =>
    (await ask<{ documents: ListedDocument[] }>('/documents', { query: { limit, offset } })).body.documents,
});

const documentOf = (id: string): Pick<Request, 'params' | 'misfits'> => ({
  params: { id },
  misfits: { 'path.id': new PulseError('document.none', { id }) },
});

const guidance = (ask: Ask): Guidance => ({
  whisperer: async (request, _caller, signal) =>
    (await ask<GuidanceAnswer>('/llm/whisperer', { body: request, signal })).body,
  simple: async (request, _caller, signal) =>
    (await ask<GuidanceAnswer>('/llm/simple', { body: request, signal })).body,
  async analyze(model, stream, asked, _caller, signal) {
    const misfits = { 'path.model': new PulseError('model.unknown', { model, known: null }) };
    const body = { stream, ...asked };
    return (await ask<GuidanceAnswer>('/llm/:model/analyze', { params: { model }, body, misfits, signal })).body;
  },
  models: async (signal) => (await ask<{ models: ModelInfo[] }>('/llm/models', { signal })).body.models,
});

const market = (ask: Ask): Market => ({
  entries: async (stream, count, reverse, beforeId) =>
    (
      await ask<StreamEntries>('/streams/:stream', {
        params: { stream },
        query: { count, reverse, before_id: beforeId },
        misfits: { 'query.before_id': notAnEntry(beforeId) },
      })
    ).body,
  async bars(symbol, count) {
    const misfits = { 'path.symbol': unknown(symbol) };
    return (await ask<ServedBars>('/bars/:symbol', { params: { symbol }, query: { count }, misfits })).body;
  },
  async parity(symbol) {
    const misfits = { 'query.symbol': unknown(symbol) };
    return (await ask<ParityReading>('/parity', { query: { symbol }, misfits })).body;
  },
  async analysis(symbol, timeframe) {
    const misfits = { 'path.symbol': new PulseError('analysis.none', { symbol, timeframe, near: null, known: null }) };
    const request = { params: { symbol }, query: { timeframe }, misfits };
    return (await ask<UnifiedAnalysis>('/analysis/:symbol', request)).body;
  },
});

const unknown = (symbol: string | null): PulseError => new PulseError('symbol.unknown', { symbol, known: '' });

const asking =
  (address: string, key: string | null): Ask =>
  async <T>(path: string, { method, params, query, body, headers, misfits = {}, signal }: Request = {}) => {
    const url = `${address}${pathOf(path, params, misfits)}${searchOf(query)}`;
    try {
      const response = await fetch(url, {
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
      if (!response.ok) throw answered(address, response, text, misfits);
      return { body: (text === '' ? undefined : JSON.parse(text)) as T, headers: response.headers };
    } catch (cause) {
      // A caller that cancelled is told so, not that mcp2 is away.
      signal?.throwIfAborted();
      if (cause instanceof PulseError) throw cause;
      throw new PulseError('mcp2.unreachable', { address, reason: reasonOf(cause) }, { cause });
    }
  };

/** A path with its parameters. Nothing, a step (`.`, `..`) and half of a character would make another path of it: they are misfits. */
const pathOf = (path: string, params: Request['params'] = {}, misfits: Misfits): string =>
  path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name]!;
    if (!/^\.{0,2}$/.test(value) && value.isWellFormed()) return encodeURIComponent(value);
    throw (
      misfits[`path.${name}`] ??
      new PulseError('request.argument', { reason: `${JSON.stringify(value)} can be no ${name} in a URL` })
    );
  });

function searchOf(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== null);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  return given.length === 0 ? '' : `?${search}`;
}

/** The error that mcp2 names, in its words; what it refused for other reasons is told with the status. */
function answered(address: string, { status, headers }: Response, text: string, misfits: Misfits): PulseError {
  const refused = detailOf(text);
  const [misfit] = typeof refused === 'string' ? [] : refused.flatMap(({ loc }) => misfits[loc.join('.')] ?? []);
  if (misfit !== undefined) return misfit;
  const detail =
    typeof refused === 'string' ? refused : refused.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
  const code = headers.get('x-pulse-error');
  if (code !== null && code in errors) return PulseError.told(code as ErrorCode, detail);
  if (status === 429 || status >= 500)
    return new PulseError('mcp2.unreachable', { address, reason: `it answers ${status}: ${detail}` });
  return new PulseError('mcp2.refused', { address, status, detail });
}

const LONGEST_DETAIL = 500;

interface Fault {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/** What an answer says went wrong: its `detail`, the faults of it one by one, or the beginning of what is not of mcp2. */
function detailOf(text: string): string | readonly Fault[] {
  try {
    const { detail } = JSON.parse(text) as { detail?: string | readonly Fault[] };
    return Array.isArray(detail) ? detail : String(detail).slice(0, LONGEST_DETAIL);
  } catch {
    return text.slice(0, 100);
  }
}

/** What undici wraps says more than `fetch failed`. */
function reasonOf(cause: unknown): string {
  const { message, cause: below } = cause as Error;
  return below instanceof Error && below.message !== '' ? below.message : message;
}
