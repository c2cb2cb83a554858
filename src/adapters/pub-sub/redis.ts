import type { PubSub, SubscriptionListener } from '../../ports/pub-sub.ts';
import { connect, letGo, type RedisClient, RedisConnection, type RedisOptions } from '../redis/connection.ts';
import { LossWitness } from '../redis/loss-witness.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
/** A subscribed connection that does not answer a PING for so long is half open. */
const SILENCE_MS = 5_000;
const PING_MS = 1_000;
/** Most messages in one pipeline: what a socket takes at once. */
const PIPELINE = 2_000;

/** Pub/sub of a Redis server. The adapter reconnects itself, so that the listener knows of every interval without subscription. */
export function redisPubSub(options: RedisOptions): PubSub {
  const commands = new RedisConnection(options);
  const { clock } = options;
  const ending = new AbortController();

  /** Subscribes once; resolves when the connection is gone or `signal` aborts. Rejects when it could not subscribe. */
  async function once(pattern: string, listener: SubscriptionListener, signal: AbortSignal): Promise<void> {
    const gone = new AbortController();
    const over = AbortSignal.any([gone.signal, signal]);
    const client = await connect(options, () => gone.abort());
    let joined = false;
    const join = (): void => {
      if (joined || gone.signal.aborted) return;
      joined = true;
      listener.joined();
    };
    const witness = new LossWitness(commands, clock);
    try {
      await witness.begin(over);
      await client.pSubscribe(
        pattern,
        (payload, channel) => {
          // What comes with the confirmation in one piece is heard before the confirmation resolves.
          join();
          listener.message(channel.toString(), payload);
        },
        true,
      );
      join();
      clock.every(PING_MS, () => watch(client, listener, over), over);
      await aborted(over);
    } finally {
      letGo(client);
      if (joined && !signal.aborted) listener.lost(await witness.reason());
    }
  }

  /** The answer to a PING comes behind all that was published before it was asked. */
  async function watch(client: RedisClient, listener: SubscriptionListener, over: AbortSignal): Promise<void> {
    const answered = new AbortController();
    const asked = clock.now();
    const ping = client.ping().then(
      () => {
        answered.abort();
        listener.caughtUp?.(asked);
      },
      () => undefined,
    );
    await Promise.race([ping, clock.sleep(SILENCE_MS, AbortSignal.any([over, answered.signal]))]);
    if (!answered.signal.aborted && !over.aborted) letGo(client);
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
      for (let wait = FIRST_WAIT_MS; !over.aborted; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
        try {
          await once(pattern, listener, over);
          wait = FIRST_WAIT_MS / 2;
        } catch {
          // Whoever listens sees that nothing was joined; the next try may do.
        }
        await clock.sleep(wait, over);
      }
    },
    async ping() {
      await commands.run('PING', (client) => client.ping(), SILENCE_MS);
    },
    async close() {
      ending.abort();
      await commands.close();
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
