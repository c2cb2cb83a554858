import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Filter, NearestQuery, NearPoint, Point, VectorIndex } from '../../ports/vector-index.ts';
import { passing } from './filter.ts';
import { NearestRows } from './nearest-rows.ts';
import { bytesOfRows, dot, scaleToOne, VectorRows } from './vector-rows.ts';

export interface ExactOptions {
  /** Names of the vectors of each point, and how many numbers each has. */
  readonly vectors: Readonly<Record<string, number>>;
  readonly clock: Clock;
  /** Memory for vectors (default: no limit). What leads to them comes on top, some 150 bytes for each. */
  readonly maxBytes?: number;
}

export interface ExactVectorIndex extends VectorIndex {
  /** Memory that the vectors take. */
  readonly bytes: number;
}

const NONE = new Float32Array(0);

/** A scan lets others have the event loop after so long. */
const SLICE_MS = 2;

/** An index in memory that compares with every vector: exact, and gone with the process. */
export function exactVectorIndex(options: ExactOptions): ExactVectorIndex {
  return new ExactIndex(options);
}

class ExactIndex implements ExactVectorIndex {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #named: ReadonlyMap<string, VectorRows>;
  readonly #rows = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #payloads: Point['payload'][] = [];
  #revision = 0;
  /** Scans and changes, one at a time: rows move when one is taken out. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ vectors, clock, maxBytes = Number.POSITIVE_INFINITY }: ExactOptions) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#named = new Map(Object.entries(vectors).map(([name, dimensions]) => [name, new VectorRows(dimensions)]));
  }

  get bytes(): number {
    return this.#bytesOf(this.#ids.length);
  }

  upsert(points: readonly Point[]): Promise<void> {
    return this.#inTurn(() => {
      for (const point of points) this.#check(point);
      const added = new Set(points.filter(({ id }) => !this.#rows.has(id)).map(({ id }) => id)).size;
      if (added > 0 && this.#bytesOf(this.#ids.length + added) > this.#maxBytes)
        throw new PulseError('vector.full', { points: this.#ids.length + added, maxBytes: this.#maxBytes });
      for (const point of points) this.#set(point);
      if (points.length > 0) this.#revision += 1;
    });
  }

  delete(ids: readonly string[]): Promise<void> {
    return this.#inTurn(() => {
      const before = this.#ids.length;
      for (const id of ids) this.#remove(id);
      if (this.#ids.length < before) this.#revision += 1;
      for (const rows of this.#named.values()) rows.shrink(this.#ids.length);
    });
  }

  nearest(query: NearestQuery, signal: AbortSignal): Promise<NearPoint[]> {
    return this.#inTurn(() => this.#scan(query, signal));
  }

  count(filter?: Filter): Promise<number> {
    return this.#inTurn(() => {
      const passes = passing(filter);
      return passes === null ? this.#ids.length : this.#payloads.filter(passes).length;
    });
  }

  revision(): Promise<number> {
    return this.#inTurn(() => this.#revision);
  }

  async close(): Promise<void> {
    await this.#turn;
  }

  async #scan({ name, vector, limit, filter }: NearestQuery, signal: AbortSignal): Promise<NearPoint[]> {
    signal.throwIfAborted();
    const rows = this.#comparable(name, vector, 'the vector of a query');
    const query = vector.slice();
    scaleToOne(query);
    const passes = passing(filter);
    const best = new NearestRows(limit, this.#ids);
    let since = this.#clock.monotonic();
    for (let block = 0; block < rows.blocks; block += 1) {
      rows.scan(block, this.#ids.length, query, best, passes && ((row) => passes(this.#payloads[row]!)));
      if (this.#clock.monotonic() - since < SLICE_MS) continue;
      await this.#clock.sleep(0);
      signal.throwIfAborted();
      since = this.#clock.monotonic();
    }
    return best.rows.map(({ row, similarity }) => ({ id: this.#ids[row]!, similarity, payload: this.#payloads[row]! }));
  }

  /** Throws what is wrong with a point. */
  #check({ id, vectors, payload }: Point): void {
    const what = `the point ${id}`;
    for (const name in vectors) if (!this.#named.has(name)) this.#comparable(name, vectors[name]!, what);
    for (const name of this.#named.keys()) this.#comparable(name, vectors[name] ?? NONE, what);
    for (const field in payload) {
      const value = payload[field];
      if (typeof value === 'number' && !Number.isFinite(value))
        throw new PulseError('vector.invalid', { what, reason: `its field ${field} is ${value}` });
    }
  }

  /** The rows that a vector can be compared with. Throws `vector.dimension` or `vector.invalid`. */
  #comparable(name: string, vector: Float32Array, what: string): VectorRows {
    const rows = this.#named.get(name);
    if (rows === undefined || rows.dimensions !== vector.length)
      throw new PulseError('vector.dimension', { name, given: vector.length, expected: rows?.dimensions ?? null });
    const square = dot(vector, vector);
    if (!Number.isFinite(square))
      throw new PulseError('vector.invalid', { what, reason: 'a number of it is not finite' });
    if (square === 0) throw new PulseError('vector.invalid', { what, reason: 'its vector is of zeros' });
    return rows;
  }

  #set({ id, vectors, payload }: Point): void {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = this.#ids.length;
      this.#rows.set(id, row);
      this.#ids.push(id);
    }
    this.#payloads[row] = payload;
    for (const [name, rows] of this.#named) rows.set(row, vectors[name]!);
  }

  #remove(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#rows.delete(id);
    // The last row takes its place.
    const [last, payload] = [this.#ids.pop()!, this.#payloads.pop()!];
    if (row === this.#ids.length) return;
    for (const rows of this.#named.values()) rows.copy(this.#ids.length, row);
    this.#ids[row] = last;
    this.#payloads[row] = payload;
    this.#rows.set(last, row);
  }

  /** What the vectors of so many points take. */
  #bytesOf(points: number): number {
    return [...this.#named.values()].reduce((sum, { dimensions }) => sum + bytesOfRows(points, dimensions), 0);
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
