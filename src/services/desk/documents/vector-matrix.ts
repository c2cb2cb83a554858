import type { VectorHit } from './vector-search.ts';

/** Rows that are scanned at a stretch: a third of a millisecond's work at 384 dimensions. */
const BLOCK_ROWS = 1_024;

/** Vectors of length 1 in memory, one for each chunk. Blocks of rows, so that it grows without being copied. */
export class VectorMatrix {
  readonly dimensions: number;
  readonly #blocks: Float32Array[] = [];
  readonly #places: { readonly documentId: string; readonly chunk: number }[] = [];
  readonly #rows = new Map<string, number>();

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  get size(): number {
    return this.#places.length;
  }

  /** Of the vectors; what leads to them comes on top, some 150 bytes for each. */
  get bytes(): number {
    return this.#blocks.length * this.#blockBytes;
  }

  /** What `bytes` would be with one more vector. */
  get bytesWithOneMore(): number {
    return Math.ceil((this.size + 1) / BLOCK_ROWS) * this.#blockBytes;
  }

  has(documentId: string, chunk: number): boolean {
    return this.#rows.has(keyOf(documentId, chunk));
  }

  set(documentId: string, chunk: number, vector: Float32Array): void {
    const key = keyOf(documentId, chunk);
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = this.size;
      if (row % BLOCK_ROWS === 0) this.#blocks.push(new Float32Array(BLOCK_ROWS * this.dimensions));
      this.#rows.set(key, row);
      this.#places.push({ documentId, chunk });
    }
    this.#vectorAt(row).set(vector);
  }

  /** Takes out every chunk that `stays` does not hold for. */
  retain(stays: (documentId: string, chunk: number) => boolean): void {
    for (let row = this.size - 1; row >= 0; row -= 1) {
      const { documentId, chunk } = this.#places[row]!;
      if (stays(documentId, chunk)) continue;
      this.#rows.delete(keyOf(documentId, chunk));
      // The last row takes its place.
      const last = this.#places.pop()!;
      if (row < this.size) {
        this.#vectorAt(row).set(this.#vectorAt(this.size));
        this.#places[row] = last;
        this.#rows.set(keyOf(last.documentId, last.chunk), row);
      }
      if (this.size % BLOCK_ROWS === 0) this.#blocks.pop();
    }
  }

  /** The `limit` nearest to `query`, nearest first, once it is through: it stands still after each block until it is asked to go on. */
  *nearest(query: Float32Array, limit: number): Generator<void, VectorHit[]> {
    const best = new Best(limit);
    for (const [b, block] of this.#blocks.entries()) {
      const rows = Math.min(BLOCK_ROWS, this.size - b * BLOCK_ROWS);
      for (let row = 0; row < rows; row += 1) {
        const at = row * this.dimensions;
        // A view of the row costs less than an offset in each of its reads.
        best.offer(b * BLOCK_ROWS + row, dot(block.subarray(at, at + this.dimensions), query));
      }
      yield;
    }
    return best.rows.map(({ row, similarity }) => ({ ...this.#places[row]!, similarity }));
  }

  get #blockBytes(): number {
    return BLOCK_ROWS * this.dimensions * Float32Array.BYTES_PER_ELEMENT;
  }

  #vectorAt(row: number): Float32Array {
    const at = (row % BLOCK_ROWS) * this.dimensions;
    return this.#blocks[Math.floor(row / BLOCK_ROWS)]!.subarray(at, at + this.dimensions);
  }
}

const keyOf = (documentId: string, chunk: number): string => `${chunk} ${documentId}`;

/** Four sums at once: a processor need not wait for one addition to begin the next. */
function dot(row: Float32Array, query: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < query.length; i += 4) {
    a += row[i]! * query[i]!;
    b += row[i + 1]! * query[i + 1]!;
    c += row[i + 2]! * query[i + 2]!;
    d += row[i + 3]! * query[i + 3]!;
  }
  for (; i < query.length; i += 1) a += row[i]! * query[i]!;
  return a + b + (c + d);
}

/** The rows with the highest similarities, highest first; of equal ones those that came first. */
class Best {
  readonly rows: { readonly row: number; readonly similarity: number }[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  offer(row: number, similarity: number): void {
    const { rows } = this;
    if (rows.length === this.#limit && !(similarity > (rows.at(-1)?.similarity ?? Number.POSITIVE_INFINITY))) return;
    let at = rows.length;
    while (at > 0 && rows[at - 1]!.similarity < similarity) at -= 1;
    rows.splice(at, 0, { row, similarity });
    if (rows.length > this.#limit) rows.pop();
  }
}
