import type { Clock } from '../../ports/clock.ts';
import type { PubSub, SubscriptionListener } from '../../ports/pub-sub.ts';
import { RedisConnection, type RedisOptions } from '../redis/connection.ts';
import { LossWitness } from '../redis/loss-witness.ts';
import type { EndedBy, SubscriptionOrder } from './subscription-news.ts';
import { SubscriptionThread } from './subscription-thread.ts';

export interface RedisPubSubOptions extends RedisOptions {
  /**
   * Bytes of a subscription's messages that may wait in this process to be told. Beyond them Redis keeps what follows, within its
   * limits. Default 128 MiB.
   */
  readonly waitingBytes?: number;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
const PING_LIMIT_MS = 5_000;
/** Most messages in one pipeline: what a socket takes at once. */
const PIPELINE = 2_000;
const WAITING_BYTES = 128 * 1024 * 1024;

/**
 * Pub/sub of a Redis server. A thread of its own reads each subscription (docs/adr/0013-a-thread-reads.md). The adapter reconnects
 * itself, so that the listener knows of every interval without subscription.
 */
export function redisPubSub(options: RedisPubSubOptions): PubSub {
  const commands = new RedisConnection(options);
  /** Its own, since it is let go of when it does not answer at once: what is published must not go with it. */
  const witnesses = new RedisConnection(options);
  const { clock } = options;
  const ending = new AbortController();

  /** Subscribes anew whenever the connection is gone, until `signal` aborts. */
  async function follow(pattern: string, listener: SubscriptionListener, signal: AbortSignal): Promise<void> {
    let current = new Attempt(witnesses, clock);
    const thread = new SubscriptionThread(
      orderOf(options, pattern),
      {
        message(channel, payload, arrivedAt) {
          current.witness.heard(payload.length);
          listener.message(channel, payload, arrivedAt);
        },
        takesMore: (waiting) => listener.takesMore?.(waiting) ?? true,
        joined(client) {
          current.joined = true;
          current.witness.joined(client);
          listener.joined(current.begunAt);
          // What was published before it asked was delivered before, or lies in what was lost.
          listener.caughtUp?.(current.begunAt);
        },
        caughtUp: (since) => listener.caughtUp?.(since),
        ended: (by) => current.ended.resolve(by),
      },
      clock,
    );
    signal.addEventListener('abort', () => current.ended.resolve('silence'), { once: true });
    for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      current = new Attempt(witnesses, clock);
      await current.witness.begin();
      if (signal.aborted) break;
      thread.connect();
      const by = await current.ended.promise;
      if (signal.aborted) break;
      if (current.joined) {
        listener.lost(await current.witness.reason(by));
        wait = FIRST_WAIT_MS / 2;
      }
      await clock.sleep(wait, signal);
    }
    current.witness.end();
    await thread.close();
  }

  return {
    async publish(messages) {
      for (let from = 0; from < messages.length; from += PIPELINE) {
        const part = messages.slice(from, from + PIPELINE);
        await commands.run('PUBLISH', (client) => {
          const pipeline = client.multi();
          for (const { channel, payload } of part) pipeline.addCommand(['PUBLISH', channel, payload]);
          return pipeline.execAsPipeline();
        });
      }
    },
    async subscribe(pattern, listener, signal) {
      const over = AbortSignal.any([signal, ending.signal]);
      if (!over.aborted) await follow(pattern, listener, over);
    },
    async ping() {
      await commands.run('PING', (client) => client.ping(), PING_LIMIT_MS);
    },
    async close() {
      ending.abort();
      await Promise.all([commands.close(), witnesses.close()]);
    },
  };
}

/** One connection of a subscription, from before it is made until it is gone. */
class Attempt {
  readonly witness: LossWitness;
  readonly ended = Promise.withResolvers<EndedBy>();
  /** Epoch milliseconds. */
  readonly begunAt: number;
  joined = false;

  constructor(witnesses: RedisConnection, clock: Clock) {
    this.begunAt = clock.now();
    this.witness = new LossWitness(witnesses, clock);
  }
}

/** What the thread needs of the options: with URL and authority read as node-redis reads them. */
function orderOf({ url, ca, waitingBytes = WAITING_BYTES }: RedisPubSubOptions, pattern: string): SubscriptionOrder {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    pattern,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 6379 : Number(port),
    tls: protocol === 'rediss:' ? { ca: ca ?? null } : null,
    login:
      username === '' && password === ''
        ? null
        : { user: decodeURIComponent(username) || 'default', password: decodeURIComponent(password) },
    database: Number(pathname.slice(1)),
    waitingBytes,
  };
}
