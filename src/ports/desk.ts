import type { UnifiedAnalysis } from '../domain/analysis/unified-analysis.ts';
import type { Timeframe } from '../domain/base/timeframe.ts';
import type { DocumentFormat, IndexedDocument, ListedDocument, StoredDocument } from '../domain/desk/document.ts';
import type { GuidanceAnswer, ModelInfo } from '../domain/desk/guidance-answer.ts';
import type { ParityReading, ServedBars, StreamEntries } from '../domain/desk/market-answers.ts';
import type { SearchPage } from '../domain/desk/search-page.ts';
import type { Trade } from '../domain/desk/trade.ts';
import type { StrategyPayload } from '../domain/trade/strategy-payload.ts';
import type { Caller } from './caller.ts';
import type { StoreResult } from './trade-store.ts';

/**
 * What the faces of Pulse (HTTP routes, MCP tools, bot, page) call: the same work, whichever way it is asked for, and the same answers and
 * errors from a desk at hand as from one behind an mcp2 (test/contract/desk.contract.ts). Each call may reject with a PulseError of its area,
 * or of an engine; one over HTTP also with `mcp2.unreachable`, and with `mcp2.refused` beyond the bounds that the API description names. Calls
 * that take a signal reject with its reason once it aborts.
 */
export interface Desk {
  readonly trades: Trades;
  readonly documents: Documents;
  readonly guidance: Guidance;
  readonly market: Market;
}

export interface Trades {
  /** Resolves once it is stored. Rejects with `trade.idempotency`, or with `request.argument` where the key is none. */
  log(payload: StrategyPayload, caller: Caller, idempotencyKey: string | null): Promise<StoreResult>;
  /** Rejects with `trade.none`. */
  fetch(id: string): Promise<Trade>;
  /** Newest first; `before` is the id of a trade. Rejects with `trade.cursor`. */
  recent(limit: number, before: string | null): Promise<Trade[]>;
}

export interface NewDocument {
  readonly content: string;
  readonly format: DocumentFormat;
  /** Absent: the first heading, or the first line. */
  readonly title?: string | undefined;
  /** Where it can be read; documents of the same url are versions of one. */
  readonly url?: string | undefined;
  /** Absent: from the url, or else from the content. */
  readonly id?: string | undefined;
}

export interface Documents {
  search(query: string, limit: number, offset: number): Promise<SearchPage>;
  /** Rejects with `document.id`, `document.empty`, `document.too-large`, `document.unreadable` or `document.busy` (retry). */
  add(document: NewDocument, caller: Caller): Promise<IndexedDocument>;
  /** Rejects with `document.none`. */
  get(id: string): Promise<StoredDocument>;
  /** Rejects with `document.none`. */
  remove(id: string, caller: Caller): Promise<void>;
  /** Newest first. */
  list(limit: number, offset: number): Promise<ListedDocument[]>;
}

export interface GuidanceRequest {
  readonly payload: StrategyPayload;
  readonly questions: readonly string[];
  readonly notes: string;
}

export interface Guidance {
  whisperer(request: GuidanceRequest, caller: Caller, signal: AbortSignal): Promise<GuidanceAnswer>;
  simple(request: GuidanceRequest, caller: Caller, signal: AbortSignal): Promise<GuidanceAnswer>;
  /** On the newest entry of a stream. Rejects with `model.unknown`, `stream.empty`, `stream.no-payload` or `stream.other`. */
  analyze(
    model: string,
    stream: string,
    asked: Omit<GuidanceRequest, 'payload'>,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<GuidanceAnswer>;
  models(signal: AbortSignal): Promise<ModelInfo[]>;
}

export interface Market {
  /**
   * The newest `count` entries, newest first, or (`reverse`) oldest of them first; only those before the entry `beforeId` where that is given.
   * Rejects with `request.argument` where that is no id of an entry, or with `stream.other`.
   */
  entries(stream: string, count: number, reverse: boolean, beforeId: string | null): Promise<StreamEntries>;
  /** Of the active source, the newest `count`, oldest first. Rejects with `symbol.unknown`. */
  bars(symbol: string, count: number): Promise<ServedBars>;
  /** Gate and newest sessions, of one symbol or (null) all. Rejects with `symbol.unknown` where it is no symbol. */
  parity(symbol: string | null): Promise<ParityReading>;
  /** Rejects with `analysis.none`. */
  analysis(symbol: string, timeframe: Timeframe): Promise<UnifiedAnalysis>;
}
