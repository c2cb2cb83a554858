import { compareIds, type Enriched, StreamEnricher } from '../../domain/enrichment/stream-enricher.ts';
import type { EnrichmentOptions } from '../../domain/enrichment/symbol-enricher.ts';
import type { Delivery, Entry, EntryStream, GroupBatch } from '../../ports/entry-stream.ts';
import type { EnrichmentStates } from '../../stores/enrichment-states.ts';

/** An entry with what became of it; `failed` where that could not be found out. */
export type Outcome = { readonly entry: Delivery } & (Enriched | { readonly failed: string });

const PAGE = 1_000;
/** A state is stored after so many entries, or so long after the last, whichever comes first: what a restart has to go through again. */
const STORE_ENTRIES = 50_000;
const STORE_MS = 30_000;

interface TrackNeeds {
  readonly streams: Pick<EntryStream, 'range'>;
  readonly states: EnrichmentStates;
}

export interface TrackOptions extends EnrichmentOptions {
  readonly stream: string;
  /** Stands for everything that the outcome depends on beside the entries. */
  readonly fingerprint: string;
}

/**
 * Keeps the state of enrichment at the right place of the stream. Rows depend on all entries before theirs: those that other workers were
 * given are read too, and for an entry that is delivered again the state is brought back to right before it.
 */
export class StateTrack {
  readonly #needs: TrackNeeds;
  readonly #options: TrackOptions;
  #state: StreamEnricher | null = null;
  #sinceStored = 0;
  #storedAt = Number.NEGATIVE_INFINITY;
  /** Entries that were gone through for the state alone. */
  followed = 0;

  constructor(needs: TrackNeeds, options: TrackOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  /** The state after the newest entry that was taken; null before the first. */
  get state(): StreamEnricher | null {
    return this.#state;
  }

  /** What becomes of the entries of a batch, in order. Rejects with `redis.*` or `database.*`; then nothing was taken. */
  async take({ entries, after }: GroupBatch): Promise<Outcome[]> {
    const first = entries[0];
    if (first === undefined) return [];
    if (after === null) return this.#takeAgain(entries);
    if (this.#state?.position !== after) await this.#bringTo(first.id);
    const state = this.#state!;
    this.#sinceStored += entries.length;
    return entries.map((entry) => outcome(state, entry));
  }

  /** Stores the state where it is due, or in any case. `now` from a monotonic clock. */
  async store(now: number, always = false): Promise<void> {
    const state = this.#state;
    const due = always || this.#sinceStored >= STORE_ENTRIES || now - this.#storedAt >= STORE_MS;
    if (state === null || this.#sinceStored === 0 || !due) return;
    this.#sinceStored = 0;
    this.#storedAt = now;
    const { stream, fingerprint } = this.#options;
    await this.#needs.states.write(stream, fingerprint, { position: state.position, state: state.snapshot() });
  }

  /** Has the state stand right before the entry `id`. */
  async #bringTo(id: string): Promise<void> {
    let state = this.#state;
    // Behind by more than a page: somebody may have stored a state that is nearer.
    if (state !== null && compareIds(state.position, id) < 0) {
      const page = await this.#between(state.position, `(${id}`);
      this.#follow(state, page);
      if (page.length < PAGE) return;
    }
    const stored = await this.#stored(id);
    if (state === null || compareIds(state.position, id) >= 0 || compareIds(stored.position, state.position) > 0)
      state = stored;
    for (;;) {
      const page = await this.#between(state.position, `(${id}`);
      this.#follow(state, page);
      if (page.length < PAGE) break;
    }
    this.#state = state;
  }

  async #takeAgain(entries: readonly Delivery[]): Promise<Outcome[]> {
    const wanted = new Map(entries.map((entry) => [entry.id, entry]));
    const last = entries[entries.length - 1]!.id;
    const state = await this.#stored(entries[0]!.id);
    const found: Outcome[] = [];
    for (let page: Entry[]; found.length < wanted.size; ) {
      page = await this.#between(state.position, last);
      for (const each of page) {
        const entry = wanted.get(each.id);
        if (entry !== undefined) found.push(outcome(state, entry));
        else this.#follow(state, [each]);
      }
      if (page.length < PAGE) break;
    }
    if (this.#state === null || compareIds(state.position, this.#state.position) > 0) this.#state = state;
    return found;
  }

  async #stored(id: string): Promise<StreamEnricher> {
    const { stream, fingerprint } = this.#options;
    const stored = await this.#needs.states.before(stream, fingerprint, id);
    return new StreamEnricher(stream, this.#options, stored?.state ?? null, stored?.position);
  }

  #between(after: string, to: string): Promise<Entry[]> {
    return this.#needs.streams.range(this.#options.stream, `(${after}`, to, PAGE);
  }

  #follow(state: StreamEnricher, entries: readonly Entry[]): void {
    for (const entry of entries) outcome(state, { ...entry, deliveries: 0 });
    this.followed += entries.length;
    this.#sinceStored += entries.length;
  }
}

function outcome(state: StreamEnricher, entry: Delivery): Outcome {
  try {
    return { entry, ...state.take(entry.id, entry.fields) };
  } catch (error) {
    // A defect of ours. The same entry does the same to every worker, so that the state stays what it is for all of them.
    return { entry, failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
