/** A plain value, by which points are filtered. Numbers are finite. */
export type PayloadValue = string | number | boolean;

export interface Point {
  readonly id: string;
  /** One for each name of the index, each of the length that the index has for it. */
  readonly vectors: Readonly<Record<string, Float32Array>>;
  readonly payload: Readonly<Record<string, PayloadValue>>;
}

/** What a field of the payload must be; a point without the field never is. Text and numbers are different values: '1' is not 1. */
export type Condition =
  | { readonly field: string; readonly equal: PayloadValue }
  | { readonly field: string; readonly in: readonly PayloadValue[] }
  /** A number with `from` ≤ it < `below`; either may be left out. */
  | { readonly field: string; readonly from?: number; readonly below?: number };

/** All of these hold; none: every point. */
export type Filter = readonly Condition[];

export interface NearestQuery {
  /** Name of the vectors to compare with. */
  readonly name: string;
  readonly vector: Float32Array;
  /** Most points of the answer, from 1. */
  readonly limit: number;
  readonly filter?: Filter;
}

export interface NearPoint {
  readonly id: string;
  /** Cosine, from -1 to 1, whatever the lengths of the vectors. */
  readonly similarity: number;
  readonly payload: Point['payload'];
}

/**
 * Points with vectors under names that are fixed when it is opened. Vectors are compared by cosine: one that has no direction (all zeros) or a
 * number that is not finite is refused with `vector.invalid`, one of another length or name with `vector.dimension`. A call sees all that was
 * written before it in the same process.
 */
export interface VectorIndex {
  /**
   * Puts points in, in the place of those with the same id; of two in a batch with one id the later counts. All of them or none. The same
   * again changes nothing. Rejects with `vector.full` where there is no room.
   */
  upsert(points: readonly Point[]): Promise<void>;
  /** Takes points out; ids that are not there are passed over. */
  delete(ids: readonly string[]): Promise<void>;
  /**
   * The nearest of the points that pass the filter, nearest first; of equally near ones the lower id first, in order of code units. Rejects
   * with the signal's reason once it aborts.
   */
  nearest(query: NearestQuery, signal: AbortSignal): Promise<NearPoint[]>;
  count(filter?: Filter): Promise<number>;
  /** Another number after each write that changed something: while it is the same, so are the answers. */
  revision(): Promise<number>;
  close(): Promise<void>;
}
