/** A tick as enrichment read it from an entry, before anything was computed. */
export interface EntryTick {
  readonly symbol: string;
  /** Epoch milliseconds, UTC, to the microsecond. */
  readonly ts: number;
  readonly price: number;
  readonly bid: number | null;
  readonly ask: number | null;
  /** Exact canonical decimal text. */
  readonly volume: string;
  /** `side`, `id` and `seq` as the publisher wrote them; `seq` is the text of a number in JSON. */
  readonly side: string | null;
  readonly id: string | null;
  readonly seq: string | null;
}

/** A tick with what its past says of it: a row of `ticks_enriched`. */
export interface EnrichedTick extends EntryTick {
  /** The stream and the entry that the tick came in: what makes the row the only one of its kind. */
  readonly stream: string;
  readonly entryId: string;
  /** JSON of the readings (`docs/schemas/enriched-tick.json`), without the indicators: an object, on one line. */
  readonly readings: string;
  /** JSON of the last settled bar's indicators, or `null`. The same text for every tick of a minute. */
  readonly indicators: string;
}
