import type { PubSub, SubscriptionListener } from '../../../src/ports/pub-sub.ts';
import type { Life } from '../life.ts';
import type { Connection, RedisServer } from './redis-server.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
const PING_MS = 1_000;
/** A connection through which nothing came for so long, though something was asked, is half open. */
const SILENCE_MS = 5_000;

/** What proves that a connection lives: anything that comes through it; or, as a fault, only the answer to a question. */
export type Watchdog = 'hears' | 'answers';

/** Pub/sub of the simulated Redis, as one process uses it. */
export function simulatedPubSub(server: RedisServer, life: Life, watchdog: Watchdog = 'hears'): PubSub {
  const { clock } = life;
  const ending = new AbortController();

  /** Subscribes once; resolves when the connection is gone or `over` aborts. Rejects when the server does not answer. */
  async function once(pattern: string, listener: SubscriptionListener, over: AbortSignal): Promise<void> {
    const gone = Promise.withResolvers<void>();
    const ended = new AbortController();
    let joined = false;
    let connection: Connection | null = null;
    let heardAt = clock.monotonic();
    let askedAt: number | null = null;
    const begun = clock.now();
    const end = (): void => {
      ended.abort();
      gone.resolve();
    };
    const drop = (): void => {
      if (connection !== null) server.unsubscribe(connection);
      end();
    };
    let abandoned = false;
    const subscribed = life.call(server, 'SUBSCRIBE', () => {
      // A connection that was given up before the server came to it is gone.
      if (abandoned) return;
      connection = server.subscribe(life, pattern, {
        onDelivered: (delivered) => {
          heardAt = clock.monotonic();
          if (over.aborted) return;
          if (delivered.kind === 'message') listener.message(delivered.channel, delivered.payload);
          else if (delivered.kind === 'confirmed') {
            joined = true;
            listener.joined(begun);
            listener.caughtUp?.(begun);
          } else {
            askedAt = null;
            listener.caughtUp?.(delivered.asked);
          }
        },
        onGone: (reason) => {
          if (joined && !over.aborted) listener.lost(reason);
          joined = false;
          end();
        },
      });
    });
    await subscribed.catch((error: unknown) => {
      abandoned = true;
      // Where only the answer was lost the server has it as a subscriber: the connection goes all the same.
      if (connection !== null) server.givenUp(connection);
      throw error;
    });
    if (over.aborted) drop();
    over.addEventListener('abort', drop, { once: true });
    const watching = AbortSignal.any([over, ended.signal]);
    clock.every(
      PING_MS,
      () => {
        if (
          askedAt !== null &&
          clock.monotonic() - (watchdog === 'hears' ? Math.max(askedAt, heardAt) : askedAt) >= SILENCE_MS
        ) {
          if (connection !== null) server.givenUp(connection);
          if (joined) listener.lost(watchdog === 'hears' ? 'disconnect' : 'overflow');
          end();
          return;
        }
        askedAt ??= clock.monotonic();
        const asked = clock.now();
        if (connection === null) return;
        const through = connection;
        // The question travels, too: what is published before it arrives is answered for.
        life.nature.scheduler.after(life.latency(), `${life.name} > redis PING`, () => server.ask(through, asked));
      },
      watching,
    );
    await gone.promise;
    over.removeEventListener('abort', drop);
  }

  return {
    async publish(messages) {
      await life.call(server, 'PUBLISH', () => {
        for (const { channel, payload } of messages) server.publish(channel, payload);
      });
    },
    async subscribe(pattern, listener, signal) {
      const over = AbortSignal.any([signal, ending.signal]);
      for (let wait = FIRST_WAIT_MS; !over.aborted; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
        try {
          await once(pattern, listener, over);
          wait = FIRST_WAIT_MS / 2;
        } catch {
          // Nothing was joined: the next try may do.
        }
        if (!over.aborted) await clock.sleep(wait, over);
      }
    },
    async ping() {
      await life.call(server, 'PING', () => undefined);
    },
    async close() {
      ending.abort();
    },
  };
}
