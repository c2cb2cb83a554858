import { PulseError } from '../../../domain/errors/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Embedder } from '../../../ports/embedder.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { ChunkText, ChunkVersion, DocumentVectors } from '../../../stores/document-vectors.ts';

export interface EmbeddingNeeds {
  readonly vectors: Pick<DocumentVectors, 'missing' | 'unembedded' | 'save' | 'dropUnused'>;
  readonly embedder: Embedder;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

/** Chunks that are embedded and stored together. */
const BATCH = 32;
/** How often the store is asked for chunks of other processes. */
const LOOK_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const MOST_REFUSED = 1_000;
const UPKEEP_MS = 3_600_000;
/** An embedder that nobody has used for so long does not come back; its vectors go. */
const UNUSED_DAYS = 30;

/** Makes the vectors that are missing, in the background: of new chunks, of changed ones, and of all where the embedder is another. */
export class ChunkEmbedding {
  readonly #needs: EmbeddingNeeds;
  readonly #meters: ReturnType<typeof meters>;
  /** Chunks that the embedder does not take: not asked for again until the next start, or until they change. */
  readonly #refused: ChunkVersion[] = [];
  #woken = new AbortController();
  #trouble: string | null = null;
  #unembedded = 0;

  constructor(needs: EmbeddingNeeds) {
    this.#needs = needs;
    this.#meters = meters(needs.metrics);
  }

  /** Says that documents were indexed: they are looked at now. */
  wake(): void {
    this.#woken.abort();
  }

  /** Why nothing is embedded at the moment, or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  figures(): Readonly<Record<string, number>> {
    return { unembedded: this.#unembedded, refused: this.#refused.length };
  }

  /** Works until `signal` aborts. Waits where the embedder or the database is away; rejects with what no waiting helps. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs;
    let wait = FIRST_WAIT_MS;
    let keptAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      this.#woken = new AbortController();
      try {
        if (clock.monotonic() - keptAt >= UPKEEP_MS) {
          await this.#dropUnused();
          keptAt = clock.monotonic();
        }
        const more = await this.#once(signal);
        this.#restored();
        wait = FIRST_WAIT_MS;
        if (!more) await clock.sleep(LOOK_MS, AbortSignal.any([signal, this.#woken.signal]));
      } catch (error) {
        if (signal.aborted) return;
        const asked = this.#lost(error);
        await clock.sleep(Math.max(wait, asked), signal);
        wait = Math.min(LONGEST_WAIT_MS, wait * 2);
      }
    }
  }

  /** Embeds a batch; whether there may be more. */
  async #once(signal: AbortSignal): Promise<boolean> {
    const { vectors } = this.#needs;
    const chunks = await vectors.missing(BATCH, this.#refused);
    if (chunks.length > 0) await this.#embed(chunks, signal);
    this.#unembedded = await vectors.unembedded();
    this.#meters.unembedded.set(this.#unembedded);
    return chunks.length === BATCH;
  }

  async #embed(chunks: readonly ChunkText[], signal: AbortSignal): Promise<void> {
    try {
      await this.#store(chunks, signal);
    } catch (error) {
      if (!(error instanceof PulseError && error.code === 'embedder.refused')) throw error;
      await this.#oneByOne(chunks, error, signal);
    }
  }

  /** Finds out which of them the embedder does not take. Where it takes nothing at all, it is not the chunks. */
  async #oneByOne(chunks: readonly ChunkText[], refusal: PulseError, signal: AbortSignal): Promise<void> {
    if (!(await this.#takes('a word', signal))) throw refusal;
    for (const chunk of chunks) {
      try {
        await this.#store([chunk], signal);
      } catch (error) {
        if (!(error instanceof PulseError && error.code === 'embedder.refused')) throw error;
        this.#refuse(chunk, error);
      }
    }
  }

  async #takes(text: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#needs.embedder.embed([text], signal);
      return true;
    } catch (error) {
      if (error instanceof PulseError && error.code === 'embedder.refused') return false;
      throw error;
    }
  }

  #refuse({ documentId, number, digest }: ChunkVersion, { message }: PulseError): void {
    if (this.#refused.length === MOST_REFUSED) this.#refused.shift();
    this.#refused.push({ documentId, number, digest });
    this.#meters.refused.inc();
    this.#needs.journal.event('warn', 'chunk.refused', message, { document: documentId, chunk: number });
  }

  async #store(chunks: readonly ChunkText[], signal: AbortSignal): Promise<void> {
    const { embedder, vectors, clock } = this.#needs;
    const begun = clock.monotonic();
    const made = await embedder.embed(
      chunks.map(({ text }) => text),
      signal,
    );
    this.#meters.seconds.observe((clock.monotonic() - begun) / 1_000);
    const saved = await vectors.save(chunks.map((chunk, i) => ({ ...chunk, vector: made[i]! })));
    this.#meters.embedded.inc(saved);
  }

  async #dropUnused(): Promise<void> {
    const names = await this.#needs.vectors.dropUnused(UNUSED_DAYS);
    if (names.length === 0) return;
    const message = `dropped the vectors of ${names.join(', ')}, unused for ${UNUSED_DAYS} days`;
    this.#needs.journal.event('info', 'retention.dropped', message, { embedders: names });
  }

  /** Says so once; resolves to how long the server asked to wait, in ms. */
  #lost(error: unknown): number {
    // What an embedder refuses today it may take once somebody has mended its server: searches go on by words until then.
    if (!(error instanceof PulseError && (error.retry || error.code === 'embedder.refused'))) throw error;
    if (this.#trouble === null)
      this.#needs.journal.event('warn', 'engine.lost', `passages wait to be embedded: ${error.message}`, {
        code: error.code,
        embedder: this.#needs.embedder.name,
      });
    this.#trouble = error.message;
    this.#meters.failures.inc(1, { code: error.code });
    return Number(error.evidence.retryAfterMs ?? 0);
  }

  #restored(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    const { journal, embedder } = this.#needs;
    journal.event('info', 'engine.restored', 'passages are embedded again', { embedder: embedder.name });
  }
}

const meters = (metrics: Metrics) => ({
  unembedded: metrics.gauge('pulse_mcp2_chunks_unembedded'),
  embedded: metrics.counter('pulse_mcp2_chunks_embedded_total'),
  refused: metrics.counter('pulse_mcp2_chunks_refused_total'),
  failures: metrics.counter('pulse_mcp2_embedding_failures_total'),
  seconds: metrics.histogram('pulse_mcp2_embedding_seconds'),
});
