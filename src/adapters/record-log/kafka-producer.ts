import { type Admin, Producer } from '@platformatic/kafka';
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
import type { Append } from './kafka-partition.ts';
import { outgoing } from './kafka-records.ts';
import { KafkaRoutes } from './kafka-routes.ts';
import { FLYING_REQUESTS, KafkaSender } from './kafka-sender.ts';

/** Larger ones would break the connection, and look like a broker that is away. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
/** What a waiting record takes besides its value, about. */
const OVERHEAD_BYTES = 200;

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
  /** Calls that wait for their topics to be known; later ones wait behind them, for the order. */
  readonly #unrouted: { records: readonly NewRecord[]; append: Append }[] = [];
  #routing = false;
  #pendingBytes = 0;
  #watching = false;
  #closed = false;

  constructor(options: KafkaOptions, admin: Admin) {
    this.#options = options;
    this.#timeoutMs = options.appendTimeoutMs ?? 30_000;
    this.#maxPendingBytes = options.maxPendingBytes ?? 256 * 1024 * 1024;
    this.#client = quiet(new Producer({ ...clientOptions(options), maxInflights: FLYING_REQUESTS }));
    this.#routes = new KafkaRoutes(this.#client, admin);
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
      if (this.#unrouted.length === 0 && records.every(({ topic }) => this.#routes.knows(topic))) {
        this.#route(records, append);
      } else {
        this.#unrouted.push({ records, append });
        void this.#routeAll();
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
    void this.#watch();
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
    for (let next = this.#unrouted[0]; next !== undefined; next = this.#unrouted[0]) {
      const { records, append } = next;
      const topics = new Set(records.map(({ topic }) => topic));
      const missing = [...topics].filter((topic) => !this.#routes.knows(topic));
      try {
        if (missing.length > 0 && this.#open.has(append)) await this.#routes.lookUp(missing);
        if (this.#open.has(append)) this.#route(records, append);
      } catch (error) {
        this.#sender.reason = reasonOf(error);
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
