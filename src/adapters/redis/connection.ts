import { createClient, ErrorReply, RESP_TYPES } from 'redis';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';

export interface RedisOptions {
  /** `redis[s]://[user[:password]@]host[:port][/db]` */
  readonly url: string;
  readonly clock: Clock;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: Buffer;
  /** How long a command may take before it counts as lost. Default 10 s. */
  readonly timeoutMs?: number;
}

const CONNECT_MS = 3_000;
const COMMAND_MS = 10_000;

/** A client that speaks bytes and gives up with its connection: what was under way rejects, and a new one is made when needed. */
function makeClient({ url, ca }: RedisOptions) {
  const tls = url.startsWith('rediss:') ? { tls: true as const, ...(ca && { ca }) } : {};
  return createClient({
    url,
    RESP: 2,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false, keepAlive: true, ...tls },
    // The library would make a timer for each command and let it run out after 5 s, done or not; `run` has its own.
    commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    maintNotifications: 'disabled',
  });
}

export type RedisClient = ReturnType<typeof makeClient>;

/** The address without password, for messages. */
function addressOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** Connects. Rejects with `redis.unavailable` or `redis.refused`. `onLost` is told when the connection is gone, once. */
async function connect(options: RedisOptions, onLost: () => void): Promise<RedisClient> {
  const client = makeClient(options);
  let told = false;
  const lost = (): void => {
    if (!told) onLost();
    told = true;
  };
  // Without a listener an error would end the process; the pending commands reject with it all the same.
  client.on('error', lost);
  client.on('end', lost);
  try {
    await client.connect();
  } catch (error) {
    letGo(client);
    throw redisError(error, options, 'the connection');
  }
  return client;
}

/** Cuts the connection, whatever state it is in. */
function letGo(client: RedisClient): void {
  if (client.isOpen) client.destroy();
}

/** Replies after which the same command may well succeed later. UNBLOCKED is what a waiting read gets when its server becomes a replica. */
const PASSING = /^(LOADING|BUSY|MASTERDOWN|TRYAGAIN|CLUSTERDOWN|READONLY|UNBLOCKED|NOREPLICAS)/;
/** Replies of a server that has no room for what it is to keep. */
const FULL = /^(OOM|MISCONF)/;

const replyCode = (reply: string): 'redis.full' | 'redis.busy' | 'redis.refused' =>
  FULL.test(reply) ? 'redis.full' : PASSING.test(reply) ? 'redis.busy' : 'redis.refused';

function redisError(error: unknown, { url }: RedisOptions, command: string): PulseError {
  if (error instanceof PulseError) return error;
  const reason = error instanceof Error ? error.message || error.name : String(error);
  const at = addressOf(url);
  const code = error instanceof ErrorReply ? replyCode(reason) : 'redis.unavailable';
  return new PulseError(code, { at, command, reason }, { cause: error });
}

/** One connection for commands, made when first needed and again when it was lost. */
export class RedisConnection {
  readonly #options: RedisOptions;
  #client: Promise<RedisClient> | null = null;
  #closed = false;

  constructor(options: RedisOptions) {
    this.#options = options;
  }

  /** Runs commands. Rejects with `redis.unavailable` (they may have been carried out), or with `redis.full`, `redis.busy` (a retry can help) or `redis.refused`. `name` is for messages. */
  async run<T>(
    name: string,
    work: (client: RedisClient) => Promise<T>,
    timeoutMs = this.#options.timeoutMs ?? COMMAND_MS,
  ): Promise<T> {
    const { clock, url } = this.#options;
    if (this.#closed)
      throw new PulseError('redis.unavailable', { at: addressOf(url), reason: 'the connection was closed' });
    const connecting = (this.#client ??= this.#connect());
    const client = await connecting;
    const over = new AbortController();
    const late = clock.sleep(timeoutMs, over.signal).then(() => {
      if (over.signal.aborted) return undefined as never;
      // A connection that does not answer is of no use to the next command either.
      letGo(client);
      throw new PulseError('redis.unavailable', {
        at: addressOf(url),
        reason: `no answer to ${name} within ${timeoutMs} ms`,
      });
    });
    const answer = work(client);
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      throw redisError(error, this.#options, name);
    } finally {
      over.abort();
      answer.catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => null);
    if (client) letGo(client);
  }

  #connect(): Promise<RedisClient> {
    const forget = (): void => {
      this.#client = null;
    };
    const connecting = connect(this.#options, forget);
    connecting.catch(forget);
    return connecting;
  }
}
