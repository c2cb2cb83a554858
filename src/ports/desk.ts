import type { UnifiedAnalysis } from '../domain/analysis/unified-analysis.ts';
import type { Timeframe } from '../domain/base/timeframe.ts';
import type { StrategyPayload } from '../domain/trade/strategy-payload.ts';
import type { Caller } from './caller.ts';
import type { StoreResult } from './trade-store.ts';

/** What the faces of Pulse (HTTP routes, MCP tools, bot, page) call: the same work, whichever way it is asked for. Each call may reject with a PulseError of its area, or of an engine. */
export interface Desk {
  readonly trades: Trades;
  readonly documents: Documents;
  readonly guidance: Guidance;
  readonly market: Market;
}

export interface Trade {
  readonly id: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly received_at: string;
  readonly received_by: string;
  readonly payload: unknown;
}

export interface Trades {
  /** Resolves once it is stored. Rejects with `trade.idempotency`. */
  log(payload: StrategyPayload, caller: Caller, idempotencyKey: string | null): Promise<StoreResult>;
  /** Rejects with `trade.none`. */
  fetch(id: string): Promise<Trade>;
  recent(limit: number, before: string | null): Promise<Trade[]>;
}

export interface SearchHit {
  /** Of the document. */
  readonly id: string;
  readonly title: string;
  readonly url: string;
  /** The passage that fits best, as text. */
  readonly content: string;
  /** Of that passage: its headings, outermost first. */
  readonly headings: readonly string[];
  /** The part of the passage with the words, which stand between `<mark>` and `</mark>`; the rest is escaped for HTML. */
  readonly snippet: string;
  readonly score: number;
  /** Where each arm ranked it, from 1; null where that arm did not find it, or is not there. */
  readonly ranks: { readonly text: number | null; readonly vector: number | null };
}

export interface SearchPage {
  readonly query: string;
  /** The query that was really searched, where a word was taken for a misspelled one. */
  readonly corrected: string | null;
  readonly mode: 'text' | 'hybrid';
  readonly total: number;
  readonly results: readonly SearchHit[];
}

export interface NewDocument {
  readonly content: string;
  readonly format: 'markdown' | 'text' | 'html';
  /** Absent: the first heading, or the first line. */
  readonly title?: string | undefined;
  /** Where it can be read; documents of the same url are versions of one. */
  readonly url?: string | undefined;
  /** Absent: from the url, or else from the content. */
  readonly id?: string | undefined;
}

export interface IndexedDocument {
  readonly id: string;
  readonly chunks: number;
  readonly change: 'added' | 'updated' | 'unchanged';
}

export interface StoredDocument {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly format: NewDocument['format'];
  readonly content: string;
  readonly indexed_at: string;
}

export interface Documents {
  search(query: string, limit: number, offset: number): Promise<SearchPage>;
  add(document: NewDocument, caller: Caller): Promise<IndexedDocument>;
  /** Rejects with `document.none`. */
  get(id: string): Promise<StoredDocument>;
  /** Rejects with `document.none`. */
  remove(id: string, caller: Caller): Promise<void>;
  /** Newest first. */
  list(limit: number, offset: number): Promise<Omit<StoredDocument, 'content'>[]>;
}

export interface GuidanceRequest {
  readonly payload: StrategyPayload;
  readonly questions: readonly string[];
  readonly notes: string;
}

export interface FiredNudge {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the nudge as data. */
  readonly hash: string;
  /** What it says. */
  readonly text: string;
  /** The facts on which it fired. */
  readonly why: string;
}

export interface GuidanceAnswer {
  readonly signal: string;
  readonly risk: string;
  readonly action: string;
  readonly journal: string;
  readonly meta: {
    /** Of the call: it can be replayed by it. */
    readonly id: string;
    readonly endpoint: string;
    readonly version: string;
    readonly provider: string;
    readonly model: string;
    readonly prompt_hash: string;
    readonly nudges: readonly FiredNudge[];
    /** Whether the rules answered in place of a model. */
    readonly stub: boolean;
    readonly latency_ms: number;
    readonly tokens: { readonly input: number | null; readonly output: number | null };
    readonly cost_usd: number | null;
    /** Whether an earlier answer to the same prompt was given again. */
    readonly reused: boolean;
    /** Each model that was asked before the one that answered, and why it did not. */
    readonly fallbacks: readonly { readonly model: string; readonly code: string; readonly reason: string }[];
  };
}

export interface ModelInfo {
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly reachable: boolean;
  /** Why not, or what could not be told of it; or null. */
  readonly detail: string | null;
}

export interface Guidance {
  whisperer(request: GuidanceRequest, caller: Caller, signal: AbortSignal): Promise<GuidanceAnswer>;
  simple(request: GuidanceRequest, caller: Caller, signal: AbortSignal): Promise<GuidanceAnswer>;
  /** On the newest entry of a stream. Rejects with `model.unknown`, `stream.empty` or `stream.no-payload`. */
  analyze(
    model: string,
    stream: string,
    asked: Omit<GuidanceRequest, 'payload'>,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<GuidanceAnswer>;
  models(signal: AbortSignal): Promise<ModelInfo[]>;
}

export interface StreamEntries {
  readonly stream: string;
  /** Of a stream of bars from which readers were switched away. */
  readonly superseded?: Superseded;
  readonly entries: readonly { readonly id: string; readonly fields: Readonly<Record<string, string>> }[];
}

/** Bars that are no longer the source: readers take them from `by`, since `since` (ISO 8601; null: always). */
export interface Superseded {
  readonly by: string;
  readonly since: string | null;
  readonly note: string;
}

export interface ServedBar {
  /** Start, epoch seconds. */
  readonly ts: number;
  readonly o: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
  readonly v: number;
  readonly n: number | null;
}

export interface Market {
  /** The newest `count` entries, newest first, or (`reverse`) oldest of them first; only those before `beforeId` where that is given. */
  entries(stream: string, count: number, reverse: boolean, beforeId: string | null): Promise<StreamEntries>;
  /** Of the active source, the newest `count`, oldest first. Rejects with `symbol.unknown`. */
  bars(symbol: string, count: number): Promise<{ symbol: string; tf: string; source: string; bars: ServedBar[] }>;
  /** Gate and newest sessions, of one symbol or (null) all. */
  parity(symbol: string | null): Promise<Readonly<Record<string, unknown>>>;
  /** Rejects with `analysis.none`. */
  analysis(symbol: string, timeframe: Timeframe): Promise<UnifiedAnalysis>;
}
