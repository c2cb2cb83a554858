import { type Admin, type Connection, Producer, protocolErrorsCodesById } from '@platformatic/kafka';
import { PulseError } from '../../domain/errors.ts';
import type { NewRecord } from '../../ports/record-log.ts';
import {
  clientOptions,
  closeClient,
  isRefusal,
  isUnknownTopic,
  type KafkaOptions,
  quiet,
  reasonOf,
  refused,
  unavailable,
} from './kafka-client.ts';
import { encodeBatch } from './kafka-encoder.ts';
import { type Append, type Batch, type Outgoing, PartitionQueue } from './kafka-partition.ts';
import { connectTo, type PartitionBatch, type Produce, produceApi } from './kafka-protocol.ts';
import { outgoing, partitionOf } from './kafka-records.ts';
import { createMissing, maxMessageBytes } from './kafka-topics.ts';

const FLYING_REQUESTS = 5;
const REQUEST_BYTES = 4_000_000;
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
/** What a waiting record takes besides its value, about. */
const OVERHEAD_BYTES = 200;

/** Not to be sent again, whatever else the broker accepts. */
const REFUSED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REQUIRED_ACKS',
  'POLICY_VIOLATION',
]);
/** One record spoils the batch: it is cut in halves until that one is found. */
const SPOILED = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'CORRUPT_MESSAGE',
]);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** The broker does not know the sequence that we are in. */
const OUT_OF_SEQUENCE = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

interface Route {
  readonly queues: PartitionQueue[];
  leaders: number[];
  /** Where the next record without a key goes. */
  next: number;
}

/** The way to one broker. */
interface Lane {
  readonly leader: number;
  connection: Connection | null;
  connecting: boolean;
  flying: number;
}

interface Sent {
  readonly queue: PartitionQueue;
  readonly batch: Batch;
}

/**
 * Appends with acknowledgement by all replicas, as an idempotent producer. The library's own `send` numbers batches anew when one of several
 * fails, which reorders them; so batches, sequence numbers and retries are kept here (PartitionQueue), and the library encodes and connects.
 */
export class KafkaProducer {
  readonly #options: KafkaOptions;
  readonly #admin: Admin;
  readonly #client: Producer;
  readonly #timeoutMs: number;
  readonly #maxPendingBytes: number;
  readonly #routes = new Map<string, Route>();
  readonly #lanes = new Map<number, Lane>();
  /** Queues that may have something to send. */
  readonly #busy = new Set<PartitionQueue>();
  /** Calls that are not settled, oldest first. */
  readonly #open = new Set<Append>();
  /** Calls that wait for the partitions of their topics to be known; later ones wait behind them, for the order. */
  readonly #unrouted: { records: readonly NewRecord[]; append: Append }[] = [];
  #routing = false;
  #pendingBytes = 0;
  #produce: Produce | null = null;
  #producerId: bigint | null = null;
  #identifying = false;
  #refreshing = false;
  #pumping = false;
  #watching = false;
  #closed = false;
  #reason = 'no broker answered';

  constructor(options: KafkaOptions, admin: Admin) {
    this.#options = options;
    this.#admin = admin;
    this.#timeoutMs = options.appendTimeoutMs ?? 30_000;
    this.#maxPendingBytes = options.maxPendingBytes ?? 256 * 1024 * 1024;
    this.#client = quiet(new Producer({ ...clientOptions(options), maxInflights: FLYING_REQUESTS }));
  }

  append(records: readonly NewRecord[]): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable(this.#options, 'the log is closed'));
    if (records.length === 0) return Promise.resolve();
    const pending = this.#pendingBytes;
    if (pending > this.#maxPendingBytes) {
      return Promise.reject(unavailable(this.#options, `${pending} bytes wait for it already (${this.#reason})`));
    }
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0) + OVERHEAD_BYTES, 0);
    return new Promise((resolve, reject) => {
      const append: Append = {
        remaining: records.length,
        deadline: this.#options.clock.monotonic() + this.#timeoutMs,
        settle: (error) => {
          if (!this.#open.delete(append)) return;
          this.#pendingBytes -= bytes;
          if (error === null) resolve();
          else reject(error);
        },
      };
      this.#pendingBytes += bytes;
      this.#open.add(append);
      void this.#watch();
      if (this.#unrouted.length === 0 && records.every(({ topic }) => this.#routes.has(topic)))
        this.#route(records, append);
      else {
        this.#unrouted.push({ records, append });
        void this.#routeAll();
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Every call ends by its deadline.
    while (this.#open.size > 0) await this.#options.clock.sleep(10);
    await closeClient(this.#options, this.#client);
  }

  #route(records: readonly NewRecord[], append: Append): void {
    const now = this.#options.clock.now();
    for (const record of records) {
      const route = this.#routes.get(record.topic)!;
      const count = route.queues.length;
      let partition = 0;
      if (count > 1) {
        if (record.key === null) route.next = (route.next + 1) % count;
        partition = record.key === null ? route.next : partitionOf(record.key, count);
      }
      const sending = outgoing(record, now, append);
      if (sending.body > MAX_RECORD_BYTES) {
        append.settle(
          new PulseError('log.record.too-large', { bytes: sending.body, topic: record.topic, limit: MAX_RECORD_BYTES }),
        );
        continue;
      }
      const queue = route.queues[partition]!;
      queue.push(sending);
      this.#busy.add(queue);
    }
    this.#schedule();
  }

  async #routeAll(): Promise<void> {
    if (this.#routing) return;
    this.#routing = true;
    for (let next = this.#unrouted[0]; next !== undefined; next = this.#unrouted[0]) {
      const { records, append } = next;
      const missing = [...new Set(records.map(({ topic }) => topic))].filter((topic) => !this.#routes.has(topic));
      try {
        if (missing.length > 0 && this.#open.has(append)) await this.#lookUp(missing);
        if (this.#open.has(append)) this.#route(records, append);
      } catch (error) {
        this.#reason = reasonOf(error);
        if (isRefusal(error)) append.settle(refused(this.#options, error));
        else if (this.#open.has(append)) {
          // A topic that was just made is known everywhere a moment later.
          await this.#options.clock.sleep(isUnknownTopic(error) ? 20 : 200);
          continue;
        }
      }
      this.#unrouted.shift();
    }
    this.#routing = false;
  }

  /** Learns the partitions and leaders of topics, and makes those that are missing. */
  async #lookUp(topics: string[]): Promise<void> {
    let metadata: Awaited<ReturnType<Producer['metadata']>>;
    try {
      metadata = await this.#client.metadata({ topics, forceUpdate: true });
    } catch (error) {
      if (!isUnknownTopic(error)) throw error;
      await createMissing(
        this.#admin,
        topics.map((topic) => ({ topic })),
      );
      throw error;
    }
    for (const topic of topics) {
      const partitions = metadata.topics.get(topic)!.partitions;
      const route = this.#routes.get(topic) ?? { queues: [], leaders: [], next: -1 };
      route.leaders = partitions.map(({ leader }) => leader);
      for (let p = route.queues.length; p < partitions.length; p += 1) {
        const queue = new PartitionQueue(topic, p);
        queue.producerId = this.#producerId;
        route.queues.push(queue);
      }
      this.#routes.set(topic, route);
    }
  }

  #schedule(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // After the calls of this turn, so that small ones share a request.
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #wake(ms: number): void {
    void this.#options.clock.sleep(ms).then(() => this.#schedule());
  }

  #pump(): void {
    const byLeader = new Map<number, PartitionQueue[]>();
    for (const queue of this.#busy) {
      if (queue.idle) this.#busy.delete(queue);
      else if (queue.producerId === null) void this.#identify();
      else {
        const leader = this.#routes.get(queue.topic)!.leaders[queue.partition]!;
        const queues = byLeader.get(leader);
        if (queues === undefined) byLeader.set(leader, [queue]);
        else queues.push(queue);
      }
    }
    for (const [leader, queues] of byLeader) {
      const lane = this.#lane(leader);
      if (lane.connection?.isConnected() !== true) void this.#connect(lane);
      else while (lane.flying < FLYING_REQUESTS && this.#send(lane, queues));
    }
  }

  #lane(leader: number): Lane {
    let lane = this.#lanes.get(leader);
    if (lane === undefined) {
      lane = { leader, connection: null, connecting: false, flying: 0 };
      this.#lanes.set(leader, lane);
    }
    return lane;
  }

  /** Sends one request with a batch of each queue that has one; false when there was none. */
  #send(lane: Lane, queues: readonly PartitionQueue[]): boolean {
    const now = this.#options.clock.monotonic();
    const sent: Sent[] = [];
    const batches: PartitionBatch[] = [];
    let bytes = 0;
    for (const queue of queues) {
      const batch = queue.take(now);
      if (batch === null) continue;
      sent.push({ queue, batch });
      const { topic, partition, epoch, producerId } = queue;
      const encoded = encodeBatch(batch.records, { producerId: producerId!, epoch, sequence: batch.sequence });
      batches.push({ topic, partition, bytes: encoded });
      // The others go first next time.
      this.#busy.delete(queue);
      this.#busy.add(queue);
      bytes += encoded.length;
      if (bytes > REQUEST_BYTES) break;
    }
    if (sent.length === 0) return false;
    lane.flying += 1;
    this.#produce!(lane.connection!, batches, (error, codes) => {
      lane.flying -= 1;
      this.#land(sent, error, codes);
      this.#schedule();
    });
    return true;
  }

  #land(sent: readonly Sent[], error: Error | null, codes: ReadonlyMap<string, number>): void {
    for (const { queue, batch } of sent) {
      // What was given up in the meantime was settled then.
      if (!queue.holds(batch)) continue;
      const code = codes.get(`${queue.topic}:${queue.partition}`);
      if (code === undefined) {
        this.#reason = error === null ? 'the broker gave no answer for a partition' : reasonOf(error);
        queue.fail(batch, true);
        this.#backOff(queue);
      } else if (code === 0) this.#done(queue, batch);
      else this.#rejected(queue, batch, protocolErrorsCodesById[code] ?? String(code));
    }
  }

  #done(queue: PartitionQueue, batch: Batch): void {
    queue.done(batch);
    for (const { append } of batch.records) {
      append.remaining -= 1;
      if (append.remaining === 0) append.settle(null);
    }
  }

  /** The broker answered with an error for this batch. */
  #rejected(queue: PartitionQueue, batch: Batch, name: string): void {
    this.#reason = name;
    const { records } = batch;
    if (name === 'DUPLICATE_SEQUENCE_NUMBER') this.#done(queue, batch);
    else if (REFUSED.has(name)) {
      queue.refuse(batch, []);
      const error = refused(this.#options, new Error(`${name} for the topic ${queue.topic}`));
      for (const { append } of records) append.settle(error);
    } else if (SPOILED.has(name)) {
      const middle = records.length >> 1;
      queue.refuse(batch, records.length === 1 ? [] : [records.slice(0, middle), records.slice(middle)]);
      if (records.length === 1) void this.#spoiled(queue.topic, records[0]!, name);
    } else if (OUT_OF_SEQUENCE.has(name)) {
      // Else only one before it is missing: it goes again right after that one.
      if (!queue.isHead(batch)) queue.fail(batch, false);
      else if (batch.ambiguous) this.#drop(queue);
      else queue.refuse(batch, [records]);
    } else {
      // These two say that the leader has it, and not yet all replicas.
      queue.fail(batch, name === 'REQUEST_TIMED_OUT' || name === 'NOT_ENOUGH_REPLICAS_AFTER_APPEND');
      this.#backOff(queue);
    }
  }

  async #spoiled(topic: string, { body, append }: Outgoing, name: string): Promise<void> {
    if (!TOO_LARGE.has(name)) append.settle(refused(this.#options, new Error(`${name} for the topic ${topic}`)));
    else
      append.settle(
        new PulseError('log.record.too-large', {
          bytes: body,
          topic,
          limit: await maxMessageBytes(this.#admin, topic),
        }),
      );
  }

  #backOff(queue: PartitionQueue): void {
    const ms = Math.min(100 * 2 ** Math.min(queue.failures, 5), 1000);
    queue.notBefore = this.#options.clock.monotonic() + ms;
    this.#wake(ms);
    void this.#refresh();
  }

  /** Gives up what waits for a partition; its order would be broken if only some of it were. */
  #drop(queue: PartitionQueue): void {
    const error = unavailable(this.#options, this.#reason);
    for (const { append } of queue.drop()) append.settle(error);
  }

  /** Asks who leads the partitions that fail. */
  async #refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    const topics = [...new Set([...this.#busy].filter(({ failures }) => failures > 0).map(({ topic }) => topic))];
    try {
      if (topics.length > 0) await this.#lookUp(topics);
    } catch (error) {
      this.#reason = reasonOf(error);
    }
    this.#refreshing = false;
  }

  async #connect(lane: Lane): Promise<void> {
    if (lane.connecting) return;
    lane.connecting = true;
    try {
      this.#produce ??= await produceApi(this.#client);
      lane.connection = await connectTo(this.#client, lane.leader);
      this.#schedule();
    } catch (error) {
      this.#reason = reasonOf(error);
      if (!this.#closed) this.#wake(200);
      for (const queue of this.#busy) queue.failures += 1;
      void this.#refresh();
      await this.#options.clock.sleep(150);
    } finally {
      lane.connecting = false;
    }
  }

  async #identify(): Promise<void> {
    if (this.#identifying) return;
    this.#identifying = true;
    try {
      const { producerId } = await this.#client.initIdempotentProducer({ producerId: -1n, producerEpoch: -1 });
      this.#producerId = producerId;
      for (const { queues } of this.#routes.values()) for (const queue of queues) queue.producerId ??= producerId;
      this.#schedule();
    } catch (error) {
      this.#reason = reasonOf(error);
      this.#wake(200);
      await this.#options.clock.sleep(150);
    } finally {
      this.#identifying = false;
    }
  }

  /** Rejects the calls whose time is over, and with them all that waits for the same partitions. */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    const { clock } = this.#options;
    for (;;) {
      const [oldest] = this.#open;
      if (oldest === undefined) break;
      const left = oldest.deadline - clock.monotonic();
      if (left > 0) {
        await clock.sleep(Math.min(left, 250));
        continue;
      }
      for (const queue of this.#busy) if (queue.includes(oldest)) this.#drop(queue);
      oldest.settle(unavailable(this.#options, this.#reason));
    }
    this.#watching = false;
  }
}
