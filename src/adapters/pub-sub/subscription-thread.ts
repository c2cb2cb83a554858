import { Worker } from 'node:worker_threads';
import type { Clock } from '../../ports/clock.ts';
import {
  type EndedBy,
  type MessageBatch,
  type SubscriptionCall,
  type SubscriptionNews,
  type SubscriptionOrder,
  sizeOfBatch,
} from './subscription-news.ts';

export interface ThreadListener {
  /** `arrivedAt`: when it was read (epoch milliseconds), however long it waited since. */
  message(channel: string, payload: Buffer, arrivedAt: number): void;
  /** Whether messages are to be told now; if not, they wait here. `waiting`: how much of the room for them is in use, from 0 to 1. */
  takesMore(waiting: number): boolean;
  joined(client: number | null): void;
  caughtUp(since: number): void;
  /** The connection is gone and all its messages were told. */
  ended(by: EndedBy): void;
}

/** How long messages are handed over in one go: what else this thread has to do must not wait long. */
const SLICE_MS = 5;
/** Messages between two looks at the clock. */
const STRIDE = 128;
/** How long a listener that takes no more is left alone. */
const PAUSE_MS = 2;
/** How long what has arrived is told when the subscription ends. */
const CLOSE_MS = 2_000;

/** The thread that reads a subscription, as the thread sees it that takes the messages: in slices, in order. */
export class SubscriptionThread {
  readonly #order: SubscriptionOrder;
  readonly #listener: ThreadListener;
  readonly #clock: Clock;
  readonly #waiting: SubscriptionNews[] = [];
  #waitingBytes = 0;
  /** Null until the first connection, and after it has failed. */
  #worker: Worker | null = null;
  #names: string[] = [];
  /** The batch that is being handed over: messages told of it, and where the next payload begins. */
  #current: { readonly bytes: Buffer; told: number; at: number } | null = null;
  #scheduled = false;
  /** Set while it ends: resolves when the connection is gone and all that it brought was told. */
  #closing: PromiseWithResolvers<void> | null = null;
  #closed = false;

  constructor(order: SubscriptionOrder, listener: ThreadListener, clock: Clock) {
    this.#order = order;
    this.#listener = listener;
    this.#clock = clock;
  }

  /** Begins a connection; there must be none. */
  connect(): void {
    this.#worker ??= this.#start();
    this.#call({ kind: 'connect' });
  }

  /** Lets the connection go, tells what it had brought by then, and nothing more. */
  async close(): Promise<void> {
    if (this.#worker !== null) {
      this.#closing = Promise.withResolvers();
      this.#call({ kind: 'end' });
      await Promise.race([this.#closing.promise, this.#clock.sleep(CLOSE_MS)]);
    }
    this.#closed = true;
    this.#waiting.length = 0;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    this.#names = [];
    const worker = new Worker(new URL('./subscription-worker.ts', import.meta.url), { workerData: this.#order });
    worker.on('message', (news: SubscriptionNews) => this.#take(news));
    // Without a listener its error would end the process. What it had read and not told goes down with it.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.#worker = null;
      if (!this.#closed) this.#take({ kind: 'ended', by: 'network' });
    });
    return worker;
  }

  #call(call: SubscriptionCall): void {
    this.#worker?.postMessage(call);
  }

  #take(news: SubscriptionNews): void {
    this.#waiting.push(news);
    if (news.kind === 'messages') this.#waitingBytes += sizeOfBatch(news);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#handOver()); // ambient-ok: behind whatever else is due, and no later
  }

  /** Hands over what waits, for the length of a slice. */
  #handOver(): void {
    this.#scheduled = false;
    const until = this.#clock.monotonic() + SLICE_MS;
    let taken = 0;
    let done = 0;
    for (const news of this.#waiting) {
      if (this.#closed) return;
      if (news.kind === 'messages') {
        if (!this.#messages(news, until)) break;
        taken += sizeOfBatch(news);
      } else this.#event(news);
      done += 1;
    }
    if (this.#closed) return;
    this.#waiting.splice(0, done);
    this.#waitingBytes -= taken;
    if (taken > 0) this.#call({ kind: 'taken', bytes: taken });
    if (this.#waiting.length === 0) return;
    if (this.#takesMore()) this.#schedule();
    else this.#pause();
  }

  #takesMore(): boolean {
    return this.#closing !== null || this.#listener.takesMore(this.#waitingBytes / this.#order.waitingBytes);
  }

  /** Comes back later: packed as it arrived, a message needs a third of the memory that it needs once it was told. */
  #pause(): void {
    this.#scheduled = true;
    void this.#clock.sleep(PAUSE_MS).then(() => this.#handOver()); // detached: `sleep` never rejects
  }

  #event(news: Exclude<SubscriptionNews, MessageBatch>): void {
    if (news.kind === 'joined') this.#listener.joined(news.client);
    else if (news.kind === 'caught-up') this.#listener.caughtUp(news.since);
    else {
      this.#closing?.resolve();
      this.#listener.ended(news.by);
    }
  }

  /** Whether the whole batch was told before `until`. */
  #messages(batch: MessageBatch, until: number): boolean {
    const { index } = batch;
    // A batch that was begun has told its names already.
    this.#current ??= this.#begin(batch);
    const current = this.#current;
    const count = index.length / 2;
    for (let i = current.told; i < count; i += 1) {
      if (i % STRIDE === 0 && (this.#clock.monotonic() >= until || !this.#takesMore())) {
        current.told = i;
        return false;
      }
      const end = current.at + index[2 * i + 1]!;
      this.#listener.message(this.#names[index[2 * i]!]!, current.bytes.subarray(current.at, end), batch.at);
      current.at = end;
      if (this.#closed) return false;
    }
    this.#current = null;
    return true;
  }

  #begin(batch: MessageBatch): { bytes: Buffer; told: number; at: number } {
    if (batch.anew) this.#names = [];
    for (const name of batch.names) this.#names.push(name);
    return { bytes: Buffer.from(batch.payloads), told: 0, at: 0 };
  }
}
