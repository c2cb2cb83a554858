import { PulseError } from '../../../domain/errors/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Embedder } from '../../../ports/embedder.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { ChunkPlace, DocumentVectors, StoredVector } from '../../../stores/document-vectors.ts';
import { VectorMatrix } from './vector-matrix.ts';
import type { VectorHit, VectorSearch } from './vector-search.ts';

export interface VectorIndexNeeds {
  readonly vectors: Pick<DocumentVectors, 'since' | 'count' | 'places'>;
  readonly embedder: Embedder;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface VectorIndexOptions {
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
/** A scan lets others have the event loop after so long. */
const SLICE_MS = 2;
/** After a failure the embedder is left alone for so long: each search would wait for it in vain. */
const LEFT_ALONE_MS = 5_000;

/** Exact search by cosine over the vectors of all chunks, which it keeps in memory and follows as processes, this one or others, change them. */
export class VectorIndex implements VectorSearch {
  readonly #needs: VectorIndexNeeds;
  readonly #options: Required<VectorIndexOptions>;
  readonly #meters: ReturnType<typeof meters>;
  #matrix = new VectorMatrix(0);
  #revision = 0;
  /** Vectors for which there was no memory. */
  #leftOut = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  /** Scans and changes, one at a time: rows move when one is taken out. */
  #turn: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: PulseError; readonly until: number } | null = null;

  constructor(needs: VectorIndexNeeds, options: VectorIndexOptions = {}) {
    const { maxBytes = 536_870_912, queryMs = 3_000, freshMs = 1_000 } = options;
    this.#needs = needs;
    this.#options = { maxBytes, queryMs, freshMs };
    this.#meters = meters(needs.metrics);
  }

  /** Vectors that are searched, the bytes that they take, and those that had no room. */
  get held(): { readonly vectors: number; readonly bytes: number; readonly leftOut: number } {
    return { vectors: this.#matrix.size, bytes: this.#matrix.bytes, leftOut: this.#leftOut };
  }

  async nearest(
    query: string,
    limit: number,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<VectorHit[]> {
    signal.throwIfAborted();
    const [vector] = await Promise.all([this.#vectorOf(query, signal), this.refresh()]);
    return this.#inTurn(() => this.#scan(vector, limit, signal));
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

  async #scan(vector: Float32Array, limit: number, signal: AbortSignal): Promise<VectorHit[]> {
    const { clock } = this.#needs;
    signal.throwIfAborted();
    // Those of another length are of the model that was there before, and about to be replaced.
    if (vector.length !== this.#matrix.dimensions) return [];
    const steps = this.#matrix.nearest(vector, limit);
    for (let since = clock.monotonic(); ; ) {
      const step = steps.next();
      if (step.done) return step.value;
      if (clock.monotonic() - since < SLICE_MS) continue;
      await clock.sleep(0);
      signal.throwIfAborted();
      since = clock.monotonic();
    }
  }

  async #read(): Promise<void> {
    const { vectors } = this.#needs;
    for (let full = true; full; ) {
      const page = await vectors.since(this.#revision, PAGE);
      await this.#inTurn(() => this.#take(page));
      full = page.length === PAGE;
    }
    // What was added has been read: where there are more here than there, some were deleted.
    if (this.#matrix.size + this.#leftOut > (await vectors.count())) await this.#prune();
    this.#meters.held.set(this.#matrix.size);
    this.#meters.bytes.set(this.#matrix.bytes);
    this.#meters.leftOut.set(this.#leftOut);
  }

  #take(page: readonly StoredVector[]): void {
    const before = this.#leftOut;
    for (const { documentId, number, revision, vector } of page) {
      if (vector.length !== this.#matrix.dimensions) {
        this.#matrix = new VectorMatrix(vector.length);
        this.#leftOut = 0;
      }
      this.#revision = revision;
      const fits = this.#matrix.bytesWithOneMore <= this.#options.maxBytes || this.#matrix.has(documentId, number);
      if (fits) this.#matrix.set(documentId, number, vector);
      else this.#leftOut += 1;
    }
    if (before === 0 && this.#leftOut > 0) this.#tell();
  }

  #tell(): void {
    const { maxBytes } = this.#options;
    const message = `the memory for vectors (${maxBytes} bytes) is full: further passages are found by their words alone`;
    this.#needs.journal.event('warn', 'vectors.full', message, { vectors: this.#matrix.size, maxBytes });
  }

  async #prune(): Promise<void> {
    const { vectors } = this.#needs;
    if (this.#leftOut > 0) {
      // Which of them went nobody knows, and there may be room now.
      this.#revision = 0;
      this.#leftOut = 0;
      await this.#inTurn(() => {
        this.#matrix = new VectorMatrix(this.#matrix.dimensions);
      });
      return;
    }
    const stored = new Map<string, Set<number>>();
    let after: ChunkPlace | null = null;
    do {
      const page: ChunkPlace[] = await vectors.places(after, PLACES_PAGE);
      for (const { documentId, number } of page)
        stored.set(documentId, (stored.get(documentId) ?? new Set()).add(number));
      after = page.length === PLACES_PAGE ? page.at(-1)! : null;
    } while (after !== null);
    await this.#inTurn(() => this.#matrix.retain((documentId, chunk) => stored.get(documentId)?.has(chunk) ?? false));
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const meters = (metrics: Metrics) => ({
  held: metrics.gauge('pulse_mcp2_vectors'),
  bytes: metrics.gauge('pulse_mcp2_vector_bytes'),
  failures: metrics.counter('pulse_mcp2_vector_load_failures_total'),
  leftOut: metrics.gauge('pulse_mcp2_vectors_left_out'),
});
