import { type Admin, type Connection, type Producer, protocolErrorsCodesById } from '@platformatic/kafka';
import { PulseError } from '../../domain/errors/errors.ts';
import type { RefusedTopic } from '../../ports/record-log.ts';
import { type KafkaOptions, reasonOf, refused, topicRefused, unavailable } from './kafka-client.ts';
import { encodeBatch } from './kafka-encoder.ts';
import type { Append, Batch, Outgoing, PartitionQueue } from './kafka-partition.ts';
import { connectTo, type PartitionBatch, type Produce, produceApi } from './kafka-protocol.ts';
import type { KafkaRoutes } from './kafka-routes.ts';
import { maxMessageBytes } from './kafka-topics.ts';

/** Requests under way to one broker. */
export const FLYING_REQUESTS = 5;
const REQUEST_BYTES = 4_000_000;
const RETRY_MS = 200;

/** Not to be sent again, whatever else the broker accepts. */
const REFUSED = new Set(['CLUSTER_AUTHORIZATION_FAILED', 'INVALID_REQUIRED_ACKS']);
/** The same for this topic; others go on. */
const TOPIC_REFUSED = new Set(['TOPIC_AUTHORIZATION_FAILED', 'INVALID_TOPIC_EXCEPTION', 'POLICY_VIOLATION']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** One record spoils the batch: it is cut in halves until that one is found. */
const SPOILED = new Set([...TOO_LARGE, 'INVALID_RECORD', 'INVALID_TIMESTAMP', 'CORRUPT_MESSAGE']);
/** The broker does not know the sequence that we are in. */
const OUT_OF_SEQUENCE = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

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

/** Sends what waits in queues, and tells the calls of `append` what became of it. */
export class KafkaSender {
  /** Why nothing gets through, as far as known. */
  reason = 'no broker answered';
  readonly #options: KafkaOptions;
  readonly #client: Producer;
  readonly #admin: Admin;
  readonly #routes: KafkaRoutes;
  readonly #lanes = new Map<number, Lane>();
  /** Queues that may have something to send. */
  readonly #busy = new Set<PartitionQueue>();
  #produce: Produce | null = null;
  #identifying = false;
  #refreshing = false;
  #pumping = false;
  #waking = false;
  #stopped = false;

  constructor(options: KafkaOptions, client: Producer, admin: Admin, routes: KafkaRoutes) {
    this.#options = options;
    this.#client = client;
    this.#admin = admin;
    this.#routes = routes;
  }

  /** Sends the record after all that its queue holds. */
  push(queue: PartitionQueue, record: Outgoing): void {
    queue.push(record);
    this.#busy.add(queue);
    this.#schedule();
  }

  /** Gives up the partitions in which records of this call wait, whole: their order would be broken if only some were given up. */
  giveUp(append: Append): void {
    for (const queue of this.#busy) if (queue.includes(append)) this.#drop(queue);
  }

  /** Sends nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  #drop(queue: PartitionQueue): void {
    const error = unavailable(this.#options, this.reason);
    for (const { append } of queue.drop()) append.settle(error);
  }

  #dropTopic(refusal: RefusedTopic): void {
    for (const queue of this.#busy)
      if (queue.topic === refusal.topic) for (const { append } of queue.drop()) append.settleOne(topicRefused(refusal));
  }

  #schedule(): void {
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    // After the calls of this turn, so that small ones share a request.
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const now = this.#options.clock.monotonic();
    const byLeader = new Map<number, PartitionQueue[]>();
    for (const queue of this.#busy) {
      if (queue.idle) this.#busy.delete(queue);
      // detached: tries again by itself, until appends are overdue
      else if (queue.producerId === null) void this.#identify();
      else if (queue.notBefore > now) this.#wake();
      else {
        const leader = this.#routes.leaderOf(queue);
        if (leader === undefined) {
          this.reason = `the topic ${queue.topic} was made anew with fewer partitions`;
          this.#drop(queue);
          continue;
        }
        const queues = byLeader.get(leader);
        if (queues === undefined) byLeader.set(leader, [queue]);
        else queues.push(queue);
      }
    }
    for (const [leader, queues] of byLeader) {
      const lane = this.#lane(leader);
      // detached: tries again by itself, until appends are overdue
      if (lane.connection?.isConnected() !== true) void this.#connect(lane);
      else while (lane.flying < FLYING_REQUESTS && this.#send(lane, queues));
    }
  }

  /** Looks again soon, for queues that wait out a failure. */
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    // detached: `sleep` never rejects
    void this.#options.clock.sleep(50).then(() => {
      this.#waking = false;
      this.#schedule();
    });
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
        this.reason = error === null ? 'the broker gave no answer for a partition' : reasonOf(error);
        queue.fail(batch, true);
        this.#backOff(queue);
      } else if (code === 0) this.#done(queue, batch);
      else this.#rejected(queue, batch, protocolErrorsCodesById[code] ?? String(code));
    }
  }

  #done(queue: PartitionQueue, batch: Batch): void {
    queue.done(batch);
    for (const { append } of batch.records) append.settleOne(null);
  }

  /** The broker answered with an error for this batch. */
  #rejected(queue: PartitionQueue, batch: Batch, name: string): void {
    this.reason = name;
    const { records } = batch;
    if (name === 'DUPLICATE_SEQUENCE_NUMBER') this.#done(queue, batch);
    else if (REFUSED.has(name)) {
      queue.refuse(batch, []);
      const error = refused(this.#options, new Error(`${name} for the topic ${queue.topic}`));
      for (const { append } of records) append.settle(error);
    } else if (TOPIC_REFUSED.has(name)) {
      queue.refuse(batch, []);
      const reason = `${name} for the topic ${queue.topic}`;
      for (const { append } of records)
        append.settleOne(topicRefused({ topic: queue.topic, reason, collidesWith: null }));
    } else if (SPOILED.has(name)) {
      const middle = records.length >> 1;
      queue.refuse(batch, records.length === 1 ? [] : [records.slice(0, middle), records.slice(middle)]);
      // detached: it settles the append that waits for it
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
    if (TOO_LARGE.has(name)) {
      const limit = await maxMessageBytes(this.#admin, topic);
      append.settleOne(new PulseError('log.record.too-large', { bytes: body, topic, limit }));
    } else append.settleOne(refused(this.#options, new Error(`${name} for the topic ${topic}`)));
  }

  #backOff(queue: PartitionQueue): void {
    queue.notBefore = this.#options.clock.monotonic() + Math.min(50 * 2 ** Math.min(queue.failures, 5), 1000);
    void this.#refresh([queue]); // detached: the queue tries again at `notBefore`, whatever comes of it
  }

  /** Asks who leads these partitions now. */
  async #refresh(queues: Iterable<PartitionQueue>): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    // After the others that failed with the same request.
    await Promise.resolve();
    const failing = [...this.#busy].filter(({ failures }) => failures > 0);
    const topics = new Set([...queues, ...failing].map(({ topic }) => topic));
    await this.#trying(async () => {
      // One that was deleted is made anew, unless the broker refuses it by now.
      for (const refusal of await this.#routes.lookUp([...topics])) this.#dropTopic(refusal);
    });
    this.#refreshing = false;
  }

  async #connect(lane: Lane): Promise<void> {
    if (lane.connecting) return;
    lane.connecting = true;
    const connected = await this.#trying(async () => {
      this.#produce ??= await produceApi(this.#client);
      lane.connection = await connectTo(this.#client, lane.leader);
    });
    // Another may lead by now.
    if (!connected)
      await this.#refresh([...this.#busy].filter((queue) => this.#routes.leaderOf(queue) === lane.leader));
    lane.connecting = false;
    this.#schedule();
  }

  async #identify(): Promise<void> {
    if (this.#identifying) return;
    this.#identifying = true;
    await this.#trying(() => this.#routes.identify());
    this.#identifying = false;
    this.#schedule();
  }

  /** Whether it worked; if not, after a pause. */
  async #trying(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.reason = reasonOf(error);
      await this.#options.clock.sleep(RETRY_MS);
      return false;
    }
  }
}
