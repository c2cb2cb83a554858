import { mkdirSync, realpathSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { Arrivals } from '../arrivals.ts';
import { checkRoom, diskError } from '../disk-error.ts';
import { MAX_OFFSET, type Place, placeKeys, type ReadRecord, RecordCodec, type Stored } from './lmdb-codec.ts';

/** What the newest record of each key of a compacted topic is, by key: its offset. */
export type NewestKey = [topic: number, partition: number, key: string];

interface PlaceRange {
  readonly start: Place;
  readonly end: Place;
  readonly limit: number;
}

/** The table of records. Its keys go in as places and come out as offsets, its values go in as `Stored` and come out as `ReadRecord`; LMDB's typings can't say so. */
interface Records {
  putSync(place: Place, record: Stored & { readonly bound: number }): void;
  removeSync(place: Place): void;
  getRange(range: PlaceRange): Iterable<{ key: number; value: ReadRecord }>;
  getKeys(range: PlaceRange): Iterable<number>;
}

/** The files of an embedded log, and who waits for news of them. All handles of a process on one folder share one: LMDB may be opened only once by each. */
export class Environment {
  readonly path: string;
  /** The last write failed. */
  failing = false;
  readonly #root: RootDatabase;
  readonly #records: Records;
  /** [topic, partition] to where the next record goes. */
  readonly ends: Database<number, [number, number]>;
  /** [topic, partition] to the offset below which retention has dropped everything. */
  readonly starts: Database<number, [number, number]>;
  readonly newest: Database<number, NewestKey>;
  /** Topic name to its number and settings. */
  readonly topics: Database<unknown, string>;
  /** Members of groups, what they hold and what was committed. */
  readonly groups: Database<unknown, string[]>;
  /** Counters. */
  readonly meta: Database<number, string>;
  readonly #arrivals = new Arrivals();

  constructor(path: string) {
    this.path = path;
    // Without batches of its own: of those nobody would hear, and one that a full disk fails would end the process as an unhandled rejection.
    this.#root = open({ path, noSubdir: false, maxDbs: 8, eventTurnBatching: false });
    const codec = new RecordCodec();
    this.#records = this.#root.openDB({ name: 'records', encoder: codec, keyEncoder: placeKeys } as {
      name: string;
    }) as unknown as Records;
    this.ends = this.#root.openDB({ name: 'ends', encoding: 'ordered-binary' });
    this.starts = this.#root.openDB({ name: 'starts', encoding: 'ordered-binary' });
    this.newest = this.#root.openDB({ name: 'newest', encoding: 'ordered-binary' });
    this.topics = this.#root.openDB({ name: 'topics', encoding: 'json' });
    this.groups = this.#root.openDB({ name: 'groups', encoding: 'json' });
    this.meta = this.#root.openDB({ name: 'meta', encoding: 'ordered-binary' });
  }

  /**
   * Runs `write` in one transaction; resolves when it is on disk. Waiting for the lock, committing and syncing happen on another thread,
   * so that a slow disk does not stop the process. What `write` has put stays if it throws, so it must check before it puts.
   * Rejects with `disk.unwritable`.
   */
  async transaction<T>(write: () => T): Promise<T> {
    try {
      const result = await this.#root.transaction(write);
      this.failing = false;
      return result;
    } catch (error) {
      if (error instanceof PulseError) throw error;
      const reason = (error as { commitError?: Promise<never> }).commitError;
      const cause = reason === undefined ? error : await reason.catch((why: unknown) => why);
      this.failing = true;
      throw diskError(this.path, cause);
    }
  }

  /** Reads from now on see what other processes have committed. */
  refresh(): void {
    this.#root.resetReadTxn();
  }

  put(place: Place, record: Stored & { bound: number }): void {
    this.#records.putSync(place, record);
  }

  remove(place: Place): void {
    this.#records.removeSync(place);
  }

  /** Records of a partition from offset `from` on, at most `max`. */
  scan(topic: number, partition: number, from: number, max: number): Iterable<{ key: number; value: ReadRecord }> {
    return this.#records.getRange({
      start: { topic, partition, offset: from },
      end: { topic, partition, offset: MAX_OFFSET },
      limit: max,
    });
  }

  /** Offset of the first record of a partition, or null where it has none. */
  first(topic: number, partition: number): number | null {
    const [first] = this.#records.getKeys({
      start: { topic, partition, offset: 0 },
      end: { topic, partition, offset: MAX_OFFSET },
      limit: 1,
    });
    return first ?? null;
  }

  /** Counts up; to be called within a transaction. Gives the new value. */
  count(counter: string): number {
    const next = (this.meta.get(counter) ?? 0) + 1;
    this.meta.putSync(counter, next);
    return next;
  }

  /** Wakes everyone of this process who waits for news. */
  announce(): void {
    this.#arrivals.announce();
  }

  /** Resolves at the next news of this process; else now and then, when other processes may have some; or when `signal` aborts. */
  async news(clock: Clock, signal: AbortSignal): Promise<void> {
    await this.#arrivals.next(clock, signal);
    this.refresh();
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}

const shared = new Map<string, { environment: Environment; users: number }>();

/** Opens the log in the folder `path`, or joins those of this process who have it open. Throws `log.unavailable`, or `disk.unwritable` where its disk is full. */
export function acquire(path: string): Environment {
  try {
    checkRoom(path);
    mkdirSync(path, { recursive: true });
    const folder = realpathSync(path);
    let entry = shared.get(folder);
    if (entry === undefined) {
      entry = { environment: new Environment(folder), users: 0 };
      shared.set(folder, entry);
    }
    entry.users += 1;
    return entry.environment;
  } catch (cause) {
    if (cause instanceof PulseError) throw cause;
    throw new PulseError('log.unavailable', { at: path, reason: (cause as Error).message }, { cause });
  }
}

/** Lets go; the last to do so closes the files. */
export async function release(environment: Environment): Promise<void> {
  const entry = shared.get(environment.path)!;
  entry.users -= 1;
  if (entry.users > 0) return;
  shared.delete(environment.path);
  await environment.close();
}
