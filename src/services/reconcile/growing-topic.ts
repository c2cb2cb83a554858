import { payloadHash } from '../../domain/tape/tape-alignment.ts';
import type { LogRecord, PartitionRange, RecordLog } from '../../ports/record-log.ts';
import { logPages } from './log-pages.ts';

/** A record, and what is read from it; null where it is of no interest. */
interface Kept<T> {
  readonly offset: number;
  readonly key: string | null;
  readonly item: T | null;
}

interface Partition<T> {
  /** Offset from which on it is read again: what stands before that is forgotten. */
  readonly begin: number;
  readonly kept: readonly Kept<T>[];
  /** What was not forgotten is not in memory, and is read anew. */
  readonly unloaded?: boolean;
  /** By which it is known that this is still the same partition; null where it was empty. */
  readonly last: LastRecord | null;
}

interface LastRecord {
  readonly offset: number;
  readonly hash: number;
  readonly timestamp: number;
}

/** Older versions that a compaction may take away at any time are looked for one by one; with more of them all is read again. */
const MOST_SUPERSEDED = 200;

/** What stands in a topic, read again and again: each time only what came since, and what was taken away, with the same outcome as reading all of it but for what it was asked to forget. */
export class GrowingTopic<T> {
  readonly #log: RecordLog;
  readonly #topic: string;
  readonly #parse: (record: LogRecord) => T | null;
  #partitions = new Map<number, Partition<T>>();

  constructor(log: RecordLog, topic: string, parse: (record: LogRecord) => T | null) {
    this.#log = log;
    this.#topic = topic;
    this.#parse = parse;
  }

  /** Records that it keeps in memory. */
  get size(): number {
    return [...this.#partitions.values()].reduce((sum, { kept }) => sum + kept.length, 0);
  }

  /** Partition by partition, in order. */
  async items(): Promise<T[]> {
    const before = this.#partitions;
    const now = new Map<number, Partition<T>>();
    for (const range of await this.#log.ranges([this.#topic])) {
      const known = before.get(range.partition);
      now.set(range.partition, (known && (await this.#grown(range, known))) ?? (await this.#whole(range)));
    }
    this.#partitions = now;
    return this.#items();
  }

  #items(): T[] {
    return [...this.#partitions.values()].flatMap(({ kept }) => kept.flatMap(({ item }) => item ?? []));
  }

  /** Keeps these no longer, and what is of no interest. They are not given again. */
  forget(isOld: (item: T) => boolean): void {
    for (const [number, { kept, last, begin, unloaded }] of this.#partitions) {
      // What is not in memory is read anew, and can be forgotten then.
      if (unloaded) continue;
      const wanted = kept.filter(({ item }) => item !== null && !isOld(item));
      // A deletion is of no interest by itself, but says that an older version of its key may be taken away.
      const keys = new Set(wanted.map(({ key }) => key));
      const left = kept.filter(({ key, item }) => (item === null ? keys.has(key) : !isOld(item)));
      const from = last === null ? begin : (left[0]?.offset ?? last.offset + 1);
      this.#partitions.set(number, { begin: from, kept: left, last });
    }
  }

  /** Reads what it gave last once more, where that stands: from the first that was not forgotten on. */
  async again(): Promise<T[]> {
    for (const [partition, { begin, last }] of this.#partitions) {
      if (last === null) continue;
      const range = { topic: this.#topic, partition, earliest: begin, end: last.offset + 1 };
      const { kept } = await this.#read(range, begin, []);
      this.#partitions.set(partition, { begin, kept, last });
    }
    return this.#items();
  }

  /** Keeps nothing in memory; the next time what was not forgotten is read anew. */
  unload(): void {
    for (const [number, { begin, last }] of this.#partitions)
      this.#partitions.set(number, { begin, kept: [], last, unloaded: true });
  }

  async #whole(range: PartitionRange): Promise<Partition<T>> {
    return this.#read(range, range.earliest, []);
  }

  async #read(range: PartitionRange, from: number, before: readonly Kept<T>[]): Promise<Partition<T>> {
    const kept = [...before];
    let last: LogRecord | null = null;
    for await (const page of logPages(this.#log, this.#topic, range.partition, from, range.end)) {
      for (const record of page) kept.push({ offset: record.offset, key: record.key, item: this.#parse(record) });
      last = page.at(-1)!;
    }
    return {
      begin: from,
      kept,
      last: last === null ? null : { offset: last.offset, hash: hashOf(last), timestamp: last.timestamp },
    };
  }

  /** Null where it is not known to be the same partition, with no less than then but what was trimmed from its beginning. */
  async #grown(range: PartitionRange, { begin, kept, last, unloaded }: Partition<T>): Promise<Partition<T> | null> {
    if (last === null || last.offset < range.earliest || last.offset >= range.end) return null;
    const { partition } = range;
    const [mark] = (await this.#log.read([{ topic: this.#topic, partition, from: last.offset, max: 1 }]))[0]!;
    if (mark?.offset !== last.offset || hashOf(mark) !== last.hash || mark.timestamp !== last.timestamp) return null;
    if (unloaded) return this.#read(range, Math.max(range.earliest, begin), []);
    const there = kept.filter(({ offset }) => offset >= range.earliest);
    const grown = await this.#read(range, last.offset + 1, there);
    const left = await this.#withoutRemoved(partition, { begin, kept: grown.kept, last: grown.last ?? last });
    return left ?? this.#read(range, Math.max(range.earliest, begin), []);
  }

  /** A compacted topic keeps the newest record of each key for certain, and no others. */
  async #withoutRemoved(partition: number, { begin, kept, last }: Partition<T>): Promise<Partition<T> | null> {
    const newest = new Map(kept.map(({ key, offset }) => [key, offset]));
    const superseded = kept.filter(({ key, offset }) => key !== null && newest.get(key) !== offset);
    if (superseded.length === 0) return { begin, kept, last };
    if (superseded.length > MOST_SUPERSEDED) return null;
    const found = await this.#log.read(
      superseded.map(({ offset }) => ({ topic: this.#topic, partition, from: offset, max: 1 })),
    );
    const removed = new Set(superseded.filter(({ offset }, i) => found[i]![0]?.offset !== offset));
    return { begin, kept: kept.filter((each) => !removed.has(each)), last };
  }
}

const hashOf = ({ value, headers }: LogRecord): number =>
  [...headers.values()].reduce((hash, content) => hash ^ payloadHash(content), payloadHash(value ?? Buffer.alloc(0)));
