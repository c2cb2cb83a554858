import { PulseError } from '../../../domain/errors/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Embedder } from '../../../ports/embedder.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { Point, VectorIndex } from '../../../ports/vector-index.ts';
import type { ChunkPlace, DocumentVectors, StoredVector } from '../../../stores/document-vectors.ts';
import type { VectorHit, VectorSearch } from './vector-search.ts';

/** An index in the memory of this process. */
export interface HeldVectors extends VectorIndex {
  /** Memory that the vectors take. */
  readonly bytes: number;
}

export interface MeaningSearchNeeds {
  readonly vectors: Pick<DocumentVectors, 'since' | 'count' | 'places'>;
  readonly embedder: Embedder;
  /** An empty index for vectors named `PASSAGE`, with so many numbers each, that takes so much memory. */
  readonly hold: (dimensions: number, maxBytes: number) => HeldVectors;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface MeaningSearchOptions {
  /** Memory for vectors (default 512 MiB: 340,000 chunks at 384 dimensions). Those that do not fit are not found by meaning. */
  readonly maxBytes?: number;
  /** For a query to become a vector, before the search goes without (default 3,000). */
  readonly queryMs?: number;
  /** For which what was read of the store is taken as new (default 1,000). */
  readonly freshMs?: number;
}

/** Vectors that are read from the store at a time. */
const PAGE = 1_000;
const PLACES_PAGE = 20_000;
/** Name of the vectors in the index that holds them. */
export const PASSAGE = 'passage';
/** After a failure the embedder is left alone for so long: each search would wait for it in vain. */
const LEFT_ALONE_MS = 5_000;

/** Exact search by cosine over the vectors of all chunks, which it keeps in memory and follows as processes, this one or others, change them. */
export class MeaningSearch implements VectorSearch {
  readonly #needs: MeaningSearchNeeds;
  readonly #options: Required<MeaningSearchOptions>;
  readonly #meters: ReturnType<typeof meters>;
  #held: HeldVectors | null = null;
  #dimensions = 0;
  /** Ids of what is held. */
  readonly #places = new Set<string>();
  #revision = 0;
  /** Vectors for which there was no memory, or that cannot be compared. */
  #leftOut = 0;
  /** Whether that there is no memory was told. */
  #isFull = false;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  #failure: { readonly error: PulseError; readonly until: number } | null = null;

  constructor(needs: MeaningSearchNeeds, options: MeaningSearchOptions = {}) {
    const { maxBytes = 536_870_912, queryMs = 3_000, freshMs = 1_000 } = options;
    this.#needs = needs;
    this.#options = { maxBytes, queryMs, freshMs };
    this.#meters = meters(needs.metrics);
  }

  /** Vectors that are searched, the bytes that they take, and those that had no room. */
  get held(): { readonly vectors: number; readonly bytes: number; readonly leftOut: number } {
    return { vectors: this.#places.size, bytes: this.#held?.bytes ?? 0, leftOut: this.#leftOut };
  }

  async nearest(
    query: string,
    limit: number,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<VectorHit[]> {
    signal.throwIfAborted();
    const [vector] = await Promise.all([this.#vectorOf(query, signal), this.refresh()]);
    return this.#near(vector, limit, signal);
  }

  /** Reads what changed in the store since the last time, unless that was a moment ago. Rejects with `database.*`. */
  refresh(): Promise<void> {
    const { clock } = this.#needs;
    if (this.#reading === null && clock.monotonic() - this.#readAt < this.#options.freshMs) return Promise.resolve();
    const begun = clock.monotonic();
    this.#reading ??= this.#read()
      .then(() => {
        this.#readAt = begun;
      })
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  /** Reads all that is stored before anybody searches, waiting where the database is away until `signal` aborts. */
  async load(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await this.refresh();
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        this.#meters.failures.inc();
        await this.#needs.clock.sleep(LEFT_ALONE_MS, signal);
      }
    }
  }

  /** The query's vector, if the embedder has it in time. */
  async #vectorOf(query: string, signal: AbortSignal): Promise<Float32Array> {
    const { embedder, clock } = this.#needs;
    if (this.#failure !== null && clock.monotonic() < this.#failure.until) throw this.#failure.error;
    const [late, done] = [new AbortController(), new AbortController()];
    const reason = `no vector of the query within ${this.#options.queryMs} ms`;
    const limit = clock.sleep(this.#options.queryMs, done.signal).then(() => {
      late.abort(new PulseError('embedder.unavailable', { name: embedder.name, reason }));
    });
    try {
      const [vector] = await embedder.embed([query], AbortSignal.any([signal, late.signal]));
      this.#failure = null;
      return vector!;
    } catch (error) {
      if (error instanceof PulseError && !signal.aborted)
        this.#failure = { error, until: clock.monotonic() + LEFT_ALONE_MS };
      throw error;
    } finally {
      done.abort();
      await limit;
    }
  }

  async #near(vector: Float32Array, limit: number, signal: AbortSignal): Promise<VectorHit[]> {
    // Those of another length are of the model that was there before, and about to be replaced.
    if (this.#held === null || vector.length !== this.#dimensions) return [];
    const points = await this.#held.nearest({ name: PASSAGE, vector, limit }, signal);
    return points.map(({ payload, similarity }) => ({
      documentId: payload.document as string,
      chunk: payload.chunk as number,
      similarity,
    }));
  }

  async #read(): Promise<void> {
    const { vectors } = this.#needs;
    for (let full = true; full; ) {
      const page = await vectors.since(this.#revision, PAGE);
      await this.#take(page);
      full = page.length === PAGE;
    }
    // What was added has been read: where there are more here than there, some were deleted.
    if (this.#places.size + this.#leftOut > (await vectors.count())) await this.#prune();
    const { vectors: held, bytes } = this.held;
    this.#meters.held.set(held);
    this.#meters.bytes.set(bytes);
    this.#meters.leftOut.set(this.#leftOut);
  }

  async #take(page: readonly StoredVector[]): Promise<void> {
    for (let from = 0; from < page.length; ) {
      const { length } = page[from]!.vector;
      const other = page.findIndex(({ vector }, i) => i > from && vector.length !== length);
      const to = other < 0 ? page.length : other;
      if (length !== this.#dimensions) await this.#startAnew(length);
      await this.#put(page.slice(from, to));
      this.#revision = page[to - 1]!.revision;
      from = to;
    }
  }

  /** Vectors of another length take the place of all. */
  async #startAnew(dimensions: number): Promise<void> {
    const { hold } = this.#needs;
    const old = this.#held;
    this.#held = hold(dimensions, this.#options.maxBytes);
    this.#dimensions = dimensions;
    this.#places.clear();
    this.#leftOut = 0;
    this.#isFull = false;
    await old?.close();
  }

  /** Holds vectors, all of one length, as far as there is room for them. */
  async #put(stored: readonly StoredVector[]): Promise<void> {
    const points = stored.map(pointOf);
    try {
      await this.#held!.upsert(points);
      for (const { id } of points) this.#places.add(id);
    } catch (error) {
      if (!(error instanceof PulseError && (error.code === 'vector.full' || error.code === 'vector.invalid')))
        throw error;
      const [first, ...more] = stored;
      if (more.length === 0) this.#leaveOut(first!, error);
      else for (const each of stored) await this.#put([each]);
    }
  }

  /** Only one passage is not found by meaning: its words still find it. */
  #leaveOut({ documentId, number }: ChunkPlace, { code, message }: PulseError): void {
    const { journal } = this.#needs;
    this.#leftOut += 1;
    if (code === 'vector.invalid') {
      journal.event('warn', 'chunk.refused', message, { document: documentId, chunk: number });
    } else if (!this.#isFull) {
      this.#isFull = true;
      const { maxBytes } = this.#options;
      const full = `the memory for vectors (${maxBytes} bytes) is full: further passages are found by their words alone`;
      journal.event('warn', 'vectors.full', full, { vectors: this.#places.size, maxBytes });
    }
  }

  async #prune(): Promise<void> {
    const { vectors } = this.#needs;
    if (this.#leftOut > 0) {
      // Which of them went nobody knows, and there may be room now.
      this.#revision = 0;
      await this.#startAnew(this.#dimensions);
      return;
    }
    const gone = new Set(this.#places);
    let after: ChunkPlace | null = null;
    do {
      const page: ChunkPlace[] = await vectors.places(after, PLACES_PAGE);
      for (const place of page) gone.delete(idOf(place));
      after = page.length === PLACES_PAGE ? page.at(-1)! : null;
    } while (after !== null);
    await this.#held!.delete([...gone]);
    for (const id of gone) this.#places.delete(id);
  }
}

const idOf = ({ documentId, number }: ChunkPlace): string => `${number} ${documentId}`;

const pointOf = (stored: StoredVector): Point => ({
  id: idOf(stored),
  vectors: { [PASSAGE]: stored.vector },
  payload: { document: stored.documentId, chunk: stored.number },
});

const meters = (metrics: Metrics) => ({
  held: metrics.gauge('pulse_mcp2_vectors'),
  bytes: metrics.gauge('pulse_mcp2_vector_bytes'),
  failures: metrics.counter('pulse_mcp2_vector_load_failures_total'),
  leftOut: metrics.gauge('pulse_mcp2_vectors_left_out'),
});
