import { createHash } from 'node:crypto';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NewRecord, RefusedTopic } from '../../ports/record-log.ts';
import { boundOf, type Place } from './lmdb-codec.ts';
import type { Environment, NewestKey } from './lmdb-environment.ts';
import type { Topic, Topics } from './lmdb-topics.ts';

/** A record with an upper bound of its size. */
type Sized = readonly [record: NewRecord, bound: number];

interface Append {
  readonly records: readonly Sized[];
  readonly done: PromiseWithResolvers<void>;
}

interface Tail {
  readonly topic: Topic;
  readonly place: Place;
}

/** LMDB's keys may have 1978 bytes; a longer record key is known by its hash. */
const MAX_KEY = 480;

/** Appends in the order of the calls: those that come while a transaction is under way share the next one, and with it its sync. */
export class Appender {
  readonly #env: Environment;
  readonly #topics: Topics;
  readonly #clock: Clock;
  readonly #maxRecordBytes: number;
  #waiting: Append[] = [];
  #running: Promise<void> | null = null;
  #turn = 0;

  constructor(env: Environment, topics: Topics, clock: Clock, maxRecordBytes: number) {
    this.#env = env;
    this.#topics = topics;
    this.#clock = clock;
    this.#maxRecordBytes = maxRecordBytes;
  }

  append(records: readonly NewRecord[]): Promise<void> {
    const known = this.#topics.all();
    const sized = records.map((record): Sized => {
      if (record.key === null && known.get(record.topic)?.compacted === true) this.#refuseKeyless(record);
      return [record, this.#bound(record)];
    });
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ records: sized, done });
    this.#running ??= this.#run();
    return done.promise;
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const appends = this.#waiting;
      this.#waiting = [];
      try {
        const refused = await this.#env.transaction(() => this.#write(appends));
        for (const append of appends) {
          const refusal = refused.get(append);
          if (refusal === undefined) append.done.resolve();
          else append.done.reject(new PulseError('log.topic.refused', { ...refusal }));
        }
      } catch (error) {
        this.#topics.forget();
        for (const { done } of appends) done.reject(error);
      }
      this.#env.announce();
    }
    this.#running = null;
  }

  /** Puts what can be put; gives the appends of which nothing was, since the log refuses one of their topics. */
  #write(appends: readonly Append[]): Map<Append, RefusedTopic> {
    const refused = this.#makeTopics(appends);
    const now = this.#clock.now();
    const tails = new Map<string, Tail[]>();
    let name = '';
    let partitions: Tail[] = [];
    for (const { records } of appends.filter((append) => !refused.has(append))) {
      for (const [record, bound] of records) {
        if (record.topic !== name) {
          name = record.topic;
          partitions = tails.get(name) ?? this.#tailsOf(name);
          tails.set(name, partitions);
        }
        const { topic, place } =
          partitions.length === 1 ? partitions[0]! : partitions[this.#partitionOf(record.key, partitions.length)]!;
        const { key, value, headers, timestamp = now } = record;
        if (topic.compacted && key !== null) this.#replace(place, key);
        this.#env.put(place, { key, value, headers, timestamp, bound });
        place.offset += 1;
      }
    }
    for (const all of tails.values())
      for (const { place } of all) this.#env.ends.putSync([place.topic, place.partition], place.offset);
    return refused;
  }

  /** Makes the topics that are missing. */
  #makeTopics(appends: readonly Append[]): Map<Append, RefusedTopic> {
    const known = this.#topics.all();
    const missing = new Set<string>();
    for (const { records } of appends) for (const [{ topic }] of records) if (!known.has(topic)) missing.add(topic);
    const refused = new Map<Append, RefusedTopic>();
    if (missing.size === 0) return refused;
    const refusals = new Map(
      this.#topics.make([...missing].map((topic) => ({ topic }))).map((one) => [one.topic, one]),
    );
    for (const append of appends) {
      const refusal = append.records.map(([{ topic }]) => refusals.get(topic)).find((one) => one !== undefined);
      if (refusal !== undefined) refused.set(append, refusal);
    }
    return refused;
  }

  #tailsOf(name: string): Tail[] {
    const topic = this.#topics.all().get(name)!;
    return Array.from({ length: topic.partitions }, (_, partition) => {
      return { topic, place: { topic: topic.id, partition, offset: this.#env.ends.get([topic.id, partition]) ?? 0 } };
    });
  }

  /** Compaction: the record at `place` will be the newest of its key; the older one goes. */
  #replace(place: Place, key: string): void {
    const at = newestKey(place, key);
    const older = this.#env.newest.get(at);
    if (older !== undefined) this.#env.remove({ ...place, offset: older });
    this.#env.newest.putSync(at, place.offset);
  }

  #partitionOf(key: string | null, count: number): number {
    if (key === null) {
      this.#turn = (this.#turn + 1) % count;
      return this.#turn;
    }
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return (hash >>> 0) % count;
  }

  #bound(record: NewRecord): number {
    const bound = boundOf(record);
    if (bound <= this.#maxRecordBytes) return bound;
    const bytes = exactSize(record);
    if (bytes > this.#maxRecordBytes)
      throw new PulseError('log.record.too-large', { topic: record.topic, bytes, limit: this.#maxRecordBytes });
    return bound;
  }

  #refuseKeyless(record: NewRecord): never {
    throw new PulseError('log.refused', {
      at: this.#env.path,
      reason: `a record for the compacted topic ${record.topic} has no key`,
    });
  }
}

/** Under which key `newest` keeps the offset of a record of a compacted topic. */
export function newestKey(place: Place, key: string): NewestKey {
  // NUL can't stand in LMDB's text keys as a part of a longer one without being escaped; a hash is safe for it too.
  const short = key.length <= MAX_KEY && !key.includes('\0');
  return [place.topic, place.partition, short ? `k${key}` : `h${createHash('sha256').update(key).digest('base64')}`];
}

function exactSize({ key, value, headers }: NewRecord): number {
  let size = (key === null ? 0 : Buffer.byteLength(key)) + (value === null ? 0 : value.length);
  for (const [name, bytes] of headers ?? []) size += Buffer.byteLength(name) + Buffer.byteLength(bytes);
  return size;
}
