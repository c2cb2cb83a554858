import type { LogRecord, NewRecord, RecordHeaders } from '../../ports/record-log.ts';

/** Where a record stands: its topic by number. As a key: 4 bytes topic, 2 bytes partition, 6 bytes offset, big-endian, so that LMDB keeps a partition in order. */
export interface Place {
  topic: number;
  partition: number;
  offset: number;
}

export const MAX_PARTITIONS = 0x1_0000;
export const MAX_OFFSET = 2 ** 48 - 1;
const TWO_32 = 2 ** 32;

/** How LMDB writes a place as a key. Read back it is the offset alone: who scans knows the topic and the partition. */
export const placeKeys = {
  writeKey(place: Place, target: Buffer, at: number): number {
    const { topic, partition, offset } = place;
    const high = Math.floor(offset / TWO_32);
    const low = offset >>> 0;
    target[at] = topic >>> 24;
    target[at + 1] = topic >>> 16;
    target[at + 2] = topic >>> 8;
    target[at + 3] = topic;
    target[at + 4] = partition >>> 8;
    target[at + 5] = partition;
    target[at + 6] = high >>> 8;
    target[at + 7] = high;
    target[at + 8] = low >>> 24;
    target[at + 9] = low >>> 16;
    target[at + 10] = low >>> 8;
    target[at + 11] = low;
    return at + 12;
  },
  readKey(source: Uint8Array, start: number): number {
    const high = (source[start + 6]! << 8) | source[start + 7]!;
    const low =
      ((source[start + 8]! << 24) | (source[start + 9]! << 16) | (source[start + 10]! << 8) | source[start + 11]!) >>>
      0;
    return high * TWO_32 + low;
  },
};

/** A record to write, its time and its headers made definite. */
export interface Stored {
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: NewRecord['headers'];
  readonly timestamp: number;
}

/** A record that was read; whoever scans adds where it stood. */
export interface ReadRecord extends LogRecord {
  topic: string;
  partition: number;
  offset: number;
}

const HAS_KEY = 1;
const HAS_VALUE = 2;
const HAS_HEADERS = 4;
const NO_HEADERS: RecordHeaders = new Map();

/** Most bytes that a record may take, an upper bound that needs no look at its texts. */
export function boundOf(record: NewRecord): number {
  let bound =
    13 + (record.key === null ? 0 : record.key.length * 3) + (record.value === null ? 0 : record.value.length);
  if (record.headers !== undefined) {
    bound += 4;
    for (const [name, value] of record.headers)
      bound += 8 + name.length * 3 + (typeof value === 'string' ? value.length * 3 : value.length);
  }
  return bound;
}

/**
 * The bytes of a record: a byte of flags, 8 bytes timestamp, key (4 bytes length), headers (4 bytes count; of each, name and value
 * with 4 bytes length before), then the value to the end. Numbers are little-endian.
 */
export class RecordCodec {
  /** LMDB copies what `encode` gives while it is called, so one buffer serves all records. */
  readonly copyBuffers = true;
  #scratch = scratch(4096);
  /** The last key that was read: neighbours often have the same one. */
  #keyBytes = Buffer.alloc(0);
  #key = '';

  encode(record: Stored & { readonly bound: number }): Buffer {
    if (this.#scratch.length < record.bound) this.#scratch = scratch(record.bound * 2);
    const target = this.#scratch;
    const { key, value, headers } = record;
    const withHeaders = headers !== undefined && headers.size > 0;
    target[0] = (key === null ? 0 : HAS_KEY) | (value === null ? 0 : HAS_VALUE) | (withHeaders ? HAS_HEADERS : 0);
    let at = target.writeDoubleLE(record.timestamp, 1);
    if (key !== null) at = writeBytes(target, at, key);
    if (withHeaders) at = writeHeaders(target, at, headers);
    if (value !== null) {
      target.set(value, at);
      at += value.length;
    }
    target.end = at;
    return target;
  }

  /** `bytes` is LMDB's own buffer and good for this call only, so everything is copied. */
  decode(bytes: Uint8Array): ReadRecord {
    const source = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const flags = source[0]!;
    const end = bytes.length;
    const timestamp = source.readDoubleLE(1);
    let at = 9;
    let key: string | null = null;
    if ((flags & HAS_KEY) !== 0) {
      const length = source.readUInt32LE(at);
      at += 4;
      key = this.#readKey(source, at, length);
      at += length;
    }
    let headers = NO_HEADERS;
    if ((flags & HAS_HEADERS) !== 0) {
      const found = new Map<string, Buffer>();
      at = readHeaders(source, at, found);
      headers = found;
    }
    let value: Buffer | null = null;
    if ((flags & HAS_VALUE) !== 0) {
      value = Buffer.allocUnsafe(end - at);
      source.copy(value, 0, at, end);
    }
    return { topic: '', partition: 0, offset: 0, key, value, headers, timestamp };
  }

  #readKey(source: Buffer, at: number, length: number): string {
    const last = this.#keyBytes;
    if (last.length === length) {
      let i = 0;
      while (i < length && last[i] === source[at + i]) i += 1;
      if (i === length) return this.#key;
    }
    this.#keyBytes = Buffer.from(source.subarray(at, at + length));
    this.#key = this.#keyBytes.toString('utf8');
    return this.#key;
  }
}

/** LMDB reads what is between `start` and `end`, both counted from the start of the memory. */
function scratch(size: number): Buffer & { start: number; end: number } {
  return Object.assign(Buffer.allocUnsafeSlow(size), { start: 0, end: 0 });
}

function writeHeaders(target: Buffer, from: number, headers: NonNullable<NewRecord['headers']>): number {
  let at = target.writeUInt32LE(headers.size, from);
  for (const [name, value] of headers) {
    at = writeBytes(target, at, name);
    at = writeBytes(target, at, value);
  }
  return at;
}

function writeBytes(target: Buffer, at: number, bytes: Buffer | string): number {
  const length = typeof bytes === 'string' ? target.write(bytes, at + 4) : bytes.copy(target, at + 4);
  target.writeUInt32LE(length, at);
  return at + 4 + length;
}

function readHeaders(source: Buffer, from: number, into: Map<string, Buffer>): number {
  const count = source.readUInt32LE(from);
  let at = from + 4;
  for (let i = 0; i < count; i += 1) {
    const nameEnd = at + 4 + source.readUInt32LE(at);
    const valueEnd = nameEnd + 4 + source.readUInt32LE(nameEnd);
    into.set(source.toString('utf8', at + 4, nameEnd), Buffer.from(source.subarray(nameEnd + 4, valueEnd)));
    at = valueEnd;
  }
  return at;
}
