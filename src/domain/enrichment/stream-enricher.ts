import type { BarAnalysis } from '../analysis/bar-analysis.ts';
import type { Rejection } from '../tick/tick-parser.ts';
import type { EnrichedTick } from './enriched-tick.ts';
import { EntryReader } from './entry-reader.ts';
import { type EnrichmentOptions, SymbolEnricher, type SymbolState } from './symbol-enricher.ts';

/** What became of an entry: a row and the analyses of the bars that it settled, or why it cannot be used. */
export type Enriched =
  | { readonly row: EnrichedTick; readonly analyses: readonly BarAnalysis[] }
  | { readonly rejection: Rejection };

/**
 * Enriches the entries of a stream, in their order. What it gives for an entry follows from that entry and those before it, whoever takes
 * them and however often it was restored in between.
 */
export class StreamEnricher {
  readonly #stream: string;
  readonly #options: EnrichmentOptions;
  readonly #reader: EntryReader;
  readonly #symbols = new Map<string, SymbolEnricher>();
  #position = '0-0';

  /** `state` is what `snapshot` gave. */
  constructor(stream: string, options: EnrichmentOptions, state: string | null = null, position = '0-0') {
    this.#stream = stream;
    this.#options = options;
    this.#reader = new EntryReader(options.nonPositive);
    this.#position = position;
    if (state === null) return;
    for (const [symbol, of] of JSON.parse(state) as [string, SymbolState][])
      this.#symbols.set(symbol, new SymbolEnricher(symbol, options, of));
  }

  /** Id of the last entry that was taken; `0-0` before the first. */
  get position(): string {
    return this.#position;
  }

  get symbols(): ReadonlyMap<string, SymbolEnricher> {
    return this.#symbols;
  }

  /** `receivedAt`: epoch milliseconds, null where unknown; by default that of the id. */
  take(id: string, fields: Readonly<Record<string, Buffer>>, receivedAt: number | null = timeOfId(id)): Enriched {
    this.#position = id;
    const read = this.#reader.read(fields, receivedAt);
    if ('rejection' in read) return read;
    const { tick } = read;
    let symbol = this.#symbols.get(tick.symbol);
    if (symbol === undefined) {
      symbol = new SymbolEnricher(tick.symbol, this.#options, null);
      this.#symbols.set(tick.symbol, symbol);
    }
    const { readings, indicators, analyses } = symbol.take(tick, read.fields, receivedAt);
    return { row: { ...tick, stream: this.#stream, entryId: id, readings, indicators }, analyses };
  }

  /** Entries after the last one that was taken are lost. */
  missed(): void {
    for (const symbol of this.#symbols.values()) symbol.missed();
  }

  /** All that is known, as JSON. */
  snapshot(): string {
    return JSON.stringify([...this.#symbols].map(([symbol, enricher]) => [symbol, enricher.snapshot()]));
  }
}

/** When an entry was appended, epoch milliseconds: the first part of its id. */
export const timeOfId = (id: string): number => Number.parseInt(id, 10);

/** The order of entry ids: negative where `a` is earlier. */
export function compareIds(a: string, b: string): number {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number);
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number);
  return aMs - bMs || aSeq - bSeq;
}
