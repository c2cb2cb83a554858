import { type Admin, Producer } from '@platformatic/kafka';
import { PulseError } from '../../domain/errors/errors.ts';
import type { NewRecord, RefusedTopic } from '../../ports/record-log.ts';
import {
  clientOptions,
  closeClient,
  isRefusal,
  type KafkaOptions,
  quiet,
  reasonOf,
  refused,
  topicRefused,
  unavailable,
} from './kafka-client.ts';
import type { Append } from './kafka-partition.ts';
import { outgoing } from './kafka-records.ts';
import { KafkaRoutes } from './kafka-routes.ts';
import { FLYING_REQUESTS, KafkaSender } from './kafka-sender.ts';

/** Larger ones would break the connection, and look like a broker that is away. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
/** What a waiting record takes besides its value, about. */
const OVERHEAD_BYTES = 200;

interface Unrouted {
  readonly records: readonly NewRecord[];
  readonly append: Append;
  readonly topics: ReadonlySet<string>;
}

/**
 * Appends, acknowledged by all replicas, as an idempotent producer. The library's own `send` numbers batches anew when one of several fails,
 * which reorders them; so batches, sequence numbers and retries are kept here (PartitionQueue), and the library connects.
 */
export class KafkaProducer {
  readonly #options: KafkaOptions;
  readonly #client: Producer;
  readonly #routes: KafkaRoutes;
  readonly #sender: KafkaSender;
  readonly #timeoutMs: number;
  readonly #maxPendingBytes: number;
  /** Calls that are not settled, oldest first. */
  readonly #open = new Set<Append>();
  /** Calls that wait for their topics to be known, oldest first; later ones with one of these topics wait behind them, for the order. */
  #unrouted: Unrouted[] = [];
  #routing = false;
  #pendingBytes = 0;
  #watching = false;
  #closed = false;

  constructor(options: KafkaOptions, admin: Admin) {
    this.#options = options;
    this.#timeoutMs = options.appendTimeoutMs ?? 30_000;
    this.#maxPendingBytes = options.maxPendingBytes ?? 256 * 1024 * 1024;
    this.#client = quiet(new Producer({ ...clientOptions(options), maxInflights: FLYING_REQUESTS }));
    this.#routes = new KafkaRoutes(options, this.#client, admin);
    this.#sender = new KafkaSender(options, this.#client, admin, this.#routes);
  }

  append(records: readonly NewRecord[]): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable(this.#options, 'the log is closed'));
    if (records.length === 0) return Promise.resolve();
    const pending = this.#pendingBytes;
    if (pending > this.#maxPendingBytes) {
      return Promise.reject(
        unavailable(this.#options, `${pending} bytes wait for it already (${this.#sender.reason})`),
      );
    }
    return new Promise((resolve, reject) => {
      const append = this.#accept(records, (error) => (error === null ? resolve() : reject(error)));
      const known = records.every(({ topic }) => this.#routes.knows(topic));
      if (known && this.#unrouted.every(({ topics }) => records.every(({ topic }) => !topics.has(topic)))) {
        this.#route(records, append);
      } else {
        this.#unrouted.push({ records, append, topics: new Set(records.map(({ topic }) => topic)) });
        void this.#routeAll(); // detached: what fails is told to those who append
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Every call ends by its deadline.
    while (this.#open.size > 0) await this.#options.clock.sleep(10);
    this.#sender.stop();
    await closeClient(this.#options, this.#client);
  }

  #accept(records: readonly NewRecord[], settled: (error: PulseError | null) => void): Append {
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0) + OVERHEAD_BYTES, 0);
    let remaining = records.length;
    let refusal: PulseError | null = null;
    const end = (error: PulseError | null): void => {
      if (!this.#open.delete(append)) return;
      this.#pendingBytes -= bytes;
      settled(error);
    };
    const append: Append = {
      deadline: this.#options.clock.monotonic() + this.#timeoutMs,
      settle: end,
      settleOne: (error) => {
        remaining -= 1;
        refusal ??= error;
        if (remaining === 0) end(refusal);
      },
    };
    this.#pendingBytes += bytes;
    this.#open.add(append);
    void this.#watch(); // detached: it settles appends that are overdue, and has nothing that could fail
    return append;
  }

  #route(records: readonly NewRecord[], append: Append): void {
    const now = this.#options.clock.now();
    for (const record of records) {
      const sending = outgoing(record, now, append);
      if (sending.body <= MAX_RECORD_BYTES) this.#sender.push(this.#routes.queueOf(record), sending);
      else {
        const evidence = { bytes: sending.body, topic: record.topic, limit: MAX_RECORD_BYTES };
        append.settleOne(new PulseError('log.record.too-large', evidence));
      }
    }
  }

  async #routeAll(): Promise<void> {
    if (this.#routing) return;
    this.#routing = true;
    while (this.#unrouted.length > 0) {
      const topics = new Set(this.#unrouted.flatMap((waiting) => [...waiting.topics]));
      try {
        this.#routeReady(await this.#routes.lookUp([...topics].filter((topic) => !this.#routes.knows(topic))));
        if (this.#unrouted.length === 0) break;
        this.#sender.reason = this.#routes.reason;
        // A topic that was just made is known everywhere a moment later.
        await this.#options.clock.sleep(20);
      } catch (error) {
        this.#sender.reason = reasonOf(error);
        if (isRefusal(error)) this.#refuseAll(error);
        else await this.#options.clock.sleep(200);
        this.#routeReady([]);
      }
    }
    this.#routing = false;
  }

  /** Sends on the calls whose topics are known by now, in their order; those that share a topic with one that waits wait too. */
  #routeReady(refused: readonly RefusedTopic[]): void {
    const byTopic = new Map(refused.map((one) => [one.topic, one]));
    const blocked = new Set<string>();
    this.#unrouted = this.#unrouted.filter(({ records, append, topics }) => {
      if (!this.#open.has(append)) return false;
      const names = [...topics];
      const refusal = names.find((topic) => byTopic.has(topic));
      if (refusal !== undefined) append.settle(topicRefused(byTopic.get(refusal)!));
      else if (names.every((topic) => this.#routes.knows(topic) && !blocked.has(topic))) this.#route(records, append);
      else {
        for (const topic of names) blocked.add(topic);
        return true;
      }
      return false;
    });
  }

  #refuseAll(error: unknown): void {
    for (const { append } of this.#unrouted) append.settle(refused(this.#options, error));
    this.#unrouted = [];
  }

  /** Rejects the calls whose time is over, and with them all that waits for the same partitions. */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    const { clock } = this.#options;
    for (let [oldest] = this.#open; oldest !== undefined; [oldest] = this.#open) {
      const left = oldest.deadline - clock.monotonic();
      if (left > 0) await clock.sleep(Math.min(left, 250));
      else {
        this.#sender.giveUp(oldest);
        oldest.settle(unavailable(this.#options, this.#sender.reason));
      }
    }
    this.#watching = false;
  }
}
