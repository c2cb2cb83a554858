import type { NearestRows } from './nearest-rows.ts';

/** Rows that are scanned at a stretch: a third of a millisecond's work at 384 dimensions. */
const BLOCK_ROWS = 1_024;

/** How far the square of a length may be from 1 for a vector to be taken as it is. */
const UNIT_TOLERANCE = 1e-6;

/** Memory that `rows` rows of so many dimensions take. */
export const bytesOfRows = (rows: number, dimensions: number): number =>
  Math.ceil(rows / BLOCK_ROWS) * BLOCK_ROWS * dimensions * Float32Array.BYTES_PER_ELEMENT;

/** Vectors of length 1 in memory, in rows. Blocks of rows, so that it grows without being copied. */
export class VectorRows {
  readonly dimensions: number;
  readonly #blocks: Float32Array[] = [];

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  get blocks(): number {
    return this.#blocks.length;
  }

  /** Sets a row, or the one after the last; at length 1, of which `vector` may have any but 0. */
  set(row: number, vector: Float32Array): void {
    if (row === this.#blocks.length * BLOCK_ROWS) this.#blocks.push(new Float32Array(BLOCK_ROWS * this.dimensions));
    const at = this.#row(row);
    at.set(vector);
    scaleToOne(at);
  }

  copy(from: number, to: number): void {
    this.#row(to).set(this.#row(from));
  }

  /** Lets go of what only rows from `rows` on need. */
  shrink(rows: number): void {
    this.#blocks.length = Math.ceil(rows / BLOCK_ROWS);
  }

  /** Offers each row of a block, of `rows` in all, that is to be compared. */
  scan(
    b: number,
    rows: number,
    query: Float32Array,
    best: NearestRows,
    passes: ((row: number) => boolean) | null,
  ): void {
    const block = this.#blocks[b]!;
    const first = b * BLOCK_ROWS;
    const count = Math.min(BLOCK_ROWS, rows - first);
    for (let row = 0; row < count; row += 1) {
      if (passes !== null && !passes(first + row)) continue;
      const at = row * this.dimensions;
      // A view of the row costs less than an offset in each of its reads.
      best.offer(first + row, dot(block.subarray(at, at + this.dimensions), query));
    }
  }

  #row(row: number): Float32Array {
    const at = (row % BLOCK_ROWS) * this.dimensions;
    return this.#blocks[Math.floor(row / BLOCK_ROWS)]!.subarray(at, at + this.dimensions);
  }
}

/** Makes it of length 1. Most vectors are already, and stay as they are to the last bit. */
export function scaleToOne(vector: Float32Array): void {
  const square = dot(vector, vector);
  if (Math.abs(square - 1) <= UNIT_TOLERANCE) return;
  const length = Math.sqrt(square);
  for (let i = 0; i < vector.length; i += 1) vector[i]! /= length;
}

/** Four sums at once: a processor need not wait for one addition to begin the next. */
export function dot(row: Float32Array, query: Float32Array): number {
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
