import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { Admin, type BaseOptions, findErrorBy, type SASLOptions } from '@platformatic/kafka';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RefusedTopic } from '../../ports/record-log.ts';

export interface KafkaOptions {
  /** `host:port` of one broker or more. */
  readonly brokers: readonly string[];
  /** Name of this client in the broker's logs; no white space. */
  readonly clientId: string;
  readonly clock: Clock;
  /** Encrypt, with these options of Node's TLS; `{}` trusts the system's authorities. */
  readonly tls?: TlsOptions;
  readonly sasl?: SASLOptions;
  /** How long an append may take before it rejects with `log.unavailable`. Default 30 s. */
  readonly appendTimeoutMs?: number;
  /** How long any other call may take before it rejects with `log.unavailable`. Default 15 s. */
  readonly callTimeoutMs?: number;
  /** Aborts when the process is told to end: a call without an answer then gets a few seconds more, so that services drain in time. */
  readonly ending?: AbortSignal;
  /** Bytes that may wait or be under way to the broker; an append beyond them rejects at once. Default 256 MiB. */
  readonly maxPendingBytes?: number;
  /** A consumer that was silent for so long loses its partitions to others. Default 10 s. */
  readonly sessionTimeoutMs?: number;
  /** How often a consumer looks for topics that are new or gone. Default 1 s. */
  readonly topicPollMs?: number;
}

/** What a call may take once the process is told to end. */
const END_MS = 3_000;

/** What every client of the library is made with. */
export function clientOptions(options: KafkaOptions): BaseOptions {
  return {
    clientId: options.clientId,
    bootstrapBrokers: [...options.brokers],
    connectTimeout: 5000,
    requestTimeout: 15_000,
    // Retries are ours: they know how long the caller waits, and keep the order.
    retries: 0,
    ...(options.tls === undefined ? {} : { tls: options.tls, tlsServerName: true }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
  };
}

/** Clients emit `error` for what they also reject with; without a listener that would end the process. */
export function quiet<C extends { on(event: 'error', listener: (error: Error) => void): unknown }>(client: C): C {
  client.on('error', () => undefined);
  return client;
}

/** The protocol's name of an error (`UNKNOWN_TOPIC_OR_PARTITION`) wherever it is within `error`. */
export const isApiError = (error: unknown, ...names: string[]): boolean =>
  names.some((name) => findErrorBy(error as Error, 'apiId', name) !== null);

/** What went wrong, in one line: the innermost message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors.at(-1));
  if (error instanceof Error) return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
  return String(error);
}

const REFUSALS = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
  'INVALID_GROUP_ID',
];

/** Whether the broker said no in a way that asking again can't change. */
export const isRefusal = (error: unknown): boolean =>
  isApiError(error, ...REFUSALS) || findErrorBy(error as Error, 'code', 'PLT_KFK_AUTHENTICATION') !== null;

export type Call = <T>(operation: () => Promise<T>) => Promise<T>;

export const unavailable = (options: KafkaOptions, reason: string, cause?: unknown): PulseError =>
  new PulseError('log.unavailable', { at: options.brokers.join(','), reason }, { cause });

export const refused = (options: KafkaOptions, cause: unknown): PulseError =>
  new PulseError('log.refused', { at: options.brokers.join(','), reason: reasonOf(cause) }, { cause });

export const topicRefused = ({ topic, reason, collidesWith }: RefusedTopic): PulseError =>
  new PulseError('log.topic.refused', { topic, reason, collidesWith });

/** Runs an operation until it succeeds or the time for calls is over; then rejects with `log.unavailable`. A refusal rejects at once with `log.refused`. */
export function calls(options: KafkaOptions, timeoutMs = options.callTimeoutMs ?? 15_000): Call {
  const { clock } = options;
  return async (operation) => {
    const deadline = clock.monotonic() + timeoutMs;
    for (;;) {
      try {
        return await answered(options, deadline - clock.monotonic(), operation);
      } catch (error) {
        const over = options.ending?.aborted === true || clock.monotonic() + 200 >= deadline;
        if (!(error instanceof PulseError) || !error.retry || over) throw error;
        await clock.sleep(200, options.ending);
      }
    }
  };
}

/** Runs an operation; rejects with `log.unavailable` when it fails or has no answer in time, with `log.refused` when the broker says no. */
export async function answered<T>(options: KafkaOptions, timeoutMs: number, operation: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([operation(), silence(options, timeoutMs, over.signal)]);
  } catch (error) {
    throw isRefusal(error) ? refused(options, error) : unavailable(options, reasonOf(error), error);
  } finally {
    over.abort();
  }
}

/** Rejects when there has been no answer for too long. */
async function silence({ clock, ending }: KafkaOptions, timeoutMs: number, over: AbortSignal): Promise<never> {
  const begun = clock.monotonic();
  await clock.sleep(timeoutMs, ending === undefined ? over : AbortSignal.any([ending, over]));
  if (ending?.aborted === true) await clock.sleep(Math.min(END_MS, timeoutMs), over);
  throw new Error(`no answer within ${Math.ceil(clock.monotonic() - begun)} ms`);
}

/** Closes a client; gives up on a broker that does not take the goodbye. */
export async function closeClient(options: KafkaOptions, client: { close(): Promise<void> }): Promise<void> {
  const closed = client.close().catch(() => undefined); // What can't be closed is gone already.
  await Promise.race([closed, options.clock.sleep(2000)]);
}

/** Calls that stand in no relation to a consumer or a producer. */
export const adminClient = (options: KafkaOptions): Admin => quiet(new Admin(clientOptions(options)));
