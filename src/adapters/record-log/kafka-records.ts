import { type KafkaRecord, murmur2, type RecordsBatch } from '@platformatic/kafka';
import type { LogRecord, NewRecord, RecordHeaders } from '../../ports/record-log.ts';
import { sizeOfBody } from './kafka-encoder.ts';
import type { Append, Outgoing } from './kafka-partition.ts';

const IS_CONTROL = 1 << 5;
const IS_LOG_APPEND_TIME = 1 << 3;
const NO_HEADERS: RecordHeaders = new Map();

/** Turns a few texts (keys, header names) into bytes again and again without making them anew. */
class BytesOf {
  readonly #known = new Map<string, Buffer>();

  get(text: string): Buffer {
    let bytes = this.#known.get(text);
    if (bytes === undefined) {
      bytes = Buffer.from(text);
      // Keys are symbols or bar starts; those that do not repeat must not pile up.
      if (this.#known.size >= 2000) this.#known.clear();
      this.#known.set(text, bytes);
    }
    return bytes;
  }
}

/** And back. Compares with the text that came last, which most often comes again. */
class TextOf {
  #bytes: Buffer = Buffer.alloc(0);
  #text = '';

  get(bytes: Buffer): string {
    if (!this.#bytes.equals(bytes)) {
      // A copy: the record's own bytes are a view of all that came with it.
      this.#bytes = Buffer.from(bytes);
      this.#text = bytes.toString();
    }
    return this.#text;
  }
}

const bytesOf = new BytesOf();
const keyOf = new TextOf();

/** Java's default: clients of any language then agree on the partition of a key. `murmur2` remembers the last thousand keys. */
export const partitionOf = (key: string, partitions: number): number => (murmur2(key, true) & 0x7fffffff) % partitions;

/** A record in the form that is encoded, for the call `append`. `now` is epoch milliseconds. */
export function outgoing({ key, value, headers, timestamp }: NewRecord, now: number, append: Append): Outgoing {
  const keyBytes = key === null ? null : bytesOf.get(key);
  const flat = headersOf(headers);
  return {
    key: keyBytes,
    value,
    headers: flat,
    timestamp: timestamp ?? now,
    body: sizeOfBody(keyBytes, value, flat),
    append,
  };
}

const NONE: readonly Buffer[] = [];

function headersOf(headers: NewRecord['headers']): readonly (Buffer | string)[] {
  if (headers === undefined || headers.size === 0) return NONE;
  const flat: (Buffer | string)[] = [];
  for (const [name, content] of headers) flat.push(bytesOf.get(name), content);
  return flat;
}

/** Offset after the last record of a batch, those that compaction took out included. */
export const endOf = (batch: RecordsBatch): number => Number(batch.firstOffset) + batch.lastOffsetDelta + 1;

/** Reads the records of what the broker sent for one partition, a few at a time, from offset `from` on: a batch may begin before it. */
export class RecordCursor {
  readonly topic: string;
  readonly partition: number;
  readonly #from: number;
  readonly #batches: readonly RecordsBatch[];
  #batch = 0;
  #record = 0;

  constructor(topic: string, partition: number, from: number, batches: readonly RecordsBatch[]) {
    this.topic = topic;
    this.partition = partition;
    this.#from = from;
    this.#batches = batches.filter(({ attributes }) => (attributes & IS_CONTROL) === 0);
  }

  get empty(): boolean {
    return this.#batch === this.#batches.length;
  }

  /** Appends records to `into` until it holds `max`. */
  take(into: LogRecord[], max: number): void {
    while (into.length < max && !this.empty) {
      const batch = this.#batches[this.#batch]!;
      const firstOffset = Number(batch.firstOffset);
      const firstTimestamp = Number(batch.firstTimestamp);
      const appended = (batch.attributes & IS_LOG_APPEND_TIME) === 0 ? null : Number(batch.maxTimestamp);
      const { records } = batch;
      for (; this.#record < records.length && into.length < max; this.#record += 1) {
        const record = records[this.#record]!;
        const offset = firstOffset + record.offsetDelta;
        if (offset < this.#from) continue;
        into.push(this.#logRecord(record, offset, appended ?? firstTimestamp + Number(record.timestampDelta)));
      }
      if (this.#record === records.length) {
        this.#batch += 1;
        this.#record = 0;
      }
    }
  }

  #logRecord({ key, value, headers }: KafkaRecord, offset: number, timestamp: number): LogRecord {
    return {
      topic: this.topic,
      partition: this.partition,
      offset,
      key: key === null ? null : keyOf.get(key),
      value,
      headers: headers.length === 0 ? NO_HEADERS : decodeHeaders(headers),
      timestamp,
    };
  }
}

const nameOf: TextOf[] = [];

function decodeHeaders(entries: KafkaRecord['headers']): RecordHeaders {
  const headers = new Map<string, Buffer>();
  for (let i = 0; i < entries.length; i += 1) {
    const [name, content] = entries[i]!;
    // Writers put the same headers in the same order: each place has a memory of its own.
    if (i < 16) nameOf[i] ??= new TextOf();
    const text = name === null ? '' : (nameOf[i]?.get(name) ?? name.toString());
    headers.set(text, content ?? Buffer.alloc(0));
  }
  return headers;
}
