import type { PulseError } from '../../domain/errors/errors.ts';
import type { Encodable } from './kafka-encoder.ts';

/** One call of `append`, until all of its records are settled. */
export interface Append {
  /** `clock.monotonic()` at which it is rejected. */
  readonly deadline: number;
  /** Ends the call for all of its records that are not in the log. */
  settle(error: PulseError): void;
  /** One record is in the log, or the log refused it alone. After the last one the call ends: then the caller can tell which are in. */
  settleOne(error: PulseError | null): void;
}

/** A record on its way, and the call that it belongs to. */
export interface Outgoing extends Encodable {
  readonly append: Append;
}

/** Records of one partition that go out together. It keeps its place in the sequence until the broker has answered for it. */
export interface Batch {
  readonly records: readonly Outgoing[];
  readonly sequence: number;
  /** `flying`: no answer yet. `failed`: to be sent again. `refused`: the broker does not have it and won't take it so. */
  state: 'flying' | 'failed' | 'refused' | 'done';
  /** An attempt ended without an answer: it may be in the log. */
  ambiguous: boolean;
  /** What takes the place of a refused one. */
  parts: readonly (readonly Outgoing[])[];
}

// A batch must stay below a topic's max.message.bytes, 1 MiB unless set.
const BATCH_BYTES = 900_000;
const BATCH_RECORDS = 1000;
/** Length, attributes and deltas of a record: an estimate from above. */
const RECORD_HEAD_BYTES = 20;
/** The broker knows a batch that is sent again among the last five of a producer. */
const WINDOW = 5;
const SEQUENCES = 2 ** 31;
const LAST_EPOCH = 32_767;

/**
 * The records of one partition, in order, from `append` to the broker's answer. At most five batches fly at once. When one fails,
 * nothing new is sent until the others have landed; then those without success are sent again, in order and under their sequence
 * numbers, so that the broker neither reorders nor doubles them. Where numbers must change, a new epoch makes the broker refuse
 * what may still be under way with the old ones.
 */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** Null until the broker gave one. */
  producerId: bigint | null = null;
  epoch = 0;
  /** The broker failed: wait until this time (`clock.monotonic()`). */
  notBefore = 0;
  /** Failures since the last success. */
  failures = 0;
  #nextSequence = 0;
  #waiting: Outgoing[] = [];
  #head = 0;
  /** Sent and not settled, oldest first. */
  #window: Batch[] = [];
  #landing = false;
  /** To a broker that does not know the producer yet, any number is the first: it can't see a gap. So one batch at a time at first. */
  #known = false;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get idle(): boolean {
    return this.#window.length === 0 && this.#head === this.#waiting.length;
  }

  push(record: Outgoing): void {
    this.#waiting.push(record);
  }

  /** The batch to send now, or null. Each that was taken must end in `done`, `fail` or `refuse`, or be forgotten after `drop`. */
  take(now: number): Batch | null {
    if (now < this.notBefore) return null;
    if (this.#landing) {
      if (this.#window.some(({ state }) => state === 'flying')) return null;
      this.#landing = false;
    }
    if (this.#window[0]?.state === 'refused') this.#renumber();
    if (this.producerId === null) return null;
    const again = this.#window.find(({ state }) => state !== 'flying' && state !== 'done');
    if (again !== undefined) {
      // What went before a refused one may be in the log; that must be known before the numbers change.
      if (again.state === 'refused' || !this.#room()) return null;
      again.state = 'flying';
      return again;
    }
    if (this.#window.length >= WINDOW || this.#head === this.#waiting.length || !this.#room()) return null;
    const batch = this.#cut();
    this.#window.push(batch);
    return batch;
  }

  #room(): boolean {
    return this.#known || !this.#window.some(({ state }) => state === 'flying');
  }

  #cut(): Batch {
    let end = this.#head;
    let bytes = 0;
    while (end < this.#waiting.length && end - this.#head < BATCH_RECORDS) {
      bytes += this.#waiting[end]!.body + RECORD_HEAD_BYTES;
      if (bytes > BATCH_BYTES && end > this.#head) break;
      end += 1;
    }
    const records = this.#waiting.slice(this.#head, end);
    this.#head = end;
    if (end === this.#waiting.length || end > 50_000) {
      this.#waiting = this.#waiting.slice(end);
      this.#head = 0;
    }
    return this.#batch(records, 'flying');
  }

  #batch(records: readonly Outgoing[], state: Batch['state']): Batch {
    const sequence = this.#nextSequence;
    this.#nextSequence = (sequence + records.length) % SEQUENCES;
    return { records, sequence, state, ambiguous: false, parts: [] };
  }

  /** Whether the batch is still this queue's: an answer to one that was dropped says nothing about what waits now. */
  holds(batch: Batch): boolean {
    return this.#window.includes(batch);
  }

  /** Whether everything before it is in the log: else an answer about its number only tells that something is missing. */
  isHead(batch: Batch): boolean {
    return this.#window[0] === batch;
  }

  done(batch: Batch): void {
    batch.state = 'done';
    this.failures = 0;
    this.#known = true;
    // A later batch may be answered first, when the answer to an earlier one was lost.
    while (this.#window[0]?.state === 'done') this.#window.shift();
  }

  /** To be sent again, in its place. `ambiguous`: nobody knows whether the broker has it. */
  fail(batch: Batch, ambiguous: boolean): void {
    batch.state = 'failed';
    batch.ambiguous ||= ambiguous;
    this.failures += 1;
    this.#landing = true;
  }

  /** The broker does not have it and won't: send `parts` instead, in its place. */
  refuse(batch: Batch, parts: readonly (readonly Outgoing[])[]): void {
    batch.state = 'refused';
    batch.parts = parts;
    this.failures += 1;
    this.#landing = true;
  }

  /** Gives up everything. The new epoch keeps what may still be under way from coming after what the caller sends next. */
  drop(): Outgoing[] {
    const unsettled = this.#window.filter(({ state }) => state !== 'done').flatMap(({ records }) => records);
    const dropped = [...unsettled, ...this.#waiting.slice(this.#head)];
    if (this.#window.length > 0) this.#nextEpoch();
    this.#window = [];
    this.#waiting = [];
    this.#head = 0;
    this.#landing = false;
    return dropped;
  }

  /** Whether records of this call wait here. */
  includes(append: Append): boolean {
    const mine = (record: Outgoing): boolean => record.append === append;
    return this.#window.some((batch) => batch.records.some(mine)) || this.#waiting.some(mine);
  }

  /** The head was refused, so the broker has nothing that comes after it either. */
  #renumber(): void {
    const left = this.#window.filter(({ state }) => state !== 'done');
    this.#nextEpoch();
    this.#window = left
      .flatMap(({ state, parts, records }) => (state === 'refused' ? parts : [records]))
      .map((records) => this.#batch(records, 'failed'));
  }

  #nextEpoch(): void {
    this.#nextSequence = 0;
    this.#known = false;
    this.epoch += 1;
    if (this.epoch > LAST_EPOCH) {
      this.producerId = null;
      this.epoch = 0;
    }
  }
}
