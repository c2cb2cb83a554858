/** A passage that lies near a query. */
export interface VectorHit {
  readonly documentId: string;
  /** Number of its chunk, from 0. */
  readonly chunk: number;
  /** Cosine, from -1 to 1. */
  readonly similarity: number;
}

/** Finds passages by meaning. */
export interface VectorSearch {
  /** Up to `limit` passages, nearest first. Rejects with `embedder.*` or `database.*`; the search then goes by full text. */
  nearest(query: string, limit: number, signal?: AbortSignal): Promise<VectorHit[]>;
}
