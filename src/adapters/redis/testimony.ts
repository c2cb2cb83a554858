import type { RedisConnection } from './connection.ts';

/** What a server tells of itself. Counts are since it started. */
export interface Testimony {
  /** New for each start of a server. */
  readonly runId: string;
  /** Clients that were cut off for what waited for them; null where the server does not count them (before Redis 7.2). */
  readonly cutOff: number | null;
  /** Commands that close connections of others, and clients that had to go because memory was short. */
  readonly closed: number;
  /** Most bytes that waited for any client in the last seconds. */
  readonly mostWaiting: number;
  /** Messages that were published. */
  readonly published: number;
}

/** What may wait for a subscriber: bytes at once, and bytes for long; 0: no limit. */
export interface Limits {
  readonly hard: number;
  readonly soft: number;
}

const ASK_MS = 1_000;
const MB = 1024 * 1024;
/** What Redis has where nobody set it. */
const DEFAULT_LIMITS: Limits = { hard: 32 * MB, soft: 8 * MB };
/** Commands after which the server may close the connections of others. */
const CLOSING = ['client|kill', 'acl|setuser', 'acl|deluser', 'acl|load'];

/** Null where the server does not answer, or does not allow INFO: it is no witness then. */
export async function testify(commands: RedisConnection): Promise<Testimony | null> {
  const text = await ask(commands, 'INFO', async (client) => {
    const sections = ['server', 'clients', 'stats', 'commandstats'];
    return (await Promise.all(sections.map((section) => client.info(section)))).join('\n');
  });
  if (text === null) return null;
  const field = (name: string): string | undefined =>
    new RegExp(`^${name.replace('|', '\\|')}:(.*)$`, 'm').exec(text)?.[1]?.trim();
  const calls = (command: string): number => Number(/calls=(\d+)/.exec(field(`cmdstat_${command}`) ?? '')?.[1] ?? 0);
  const cutOff = field('client_output_buffer_limit_disconnections');
  return {
    runId: field('run_id') ?? '',
    cutOff: cutOff === undefined ? null : Number(cutOff),
    closed: CLOSING.reduce((sum, command) => sum + calls(command), Number(field('evicted_clients') ?? 0)),
    mostWaiting: Number(field('client_recent_max_output_buffer') ?? 0),
    published: calls('publish'),
  };
}

/** The limits of subscribers. Those that Redis has by default where this user may not ask. */
export async function pubSubLimits(commands: RedisConnection): Promise<Limits> {
  const found = await ask(commands, 'CONFIG', (client) => client.configGet('client-output-buffer-limit'));
  const [, hard, soft] = /pubsub (\d+) (\d+)/.exec(String(found?.['client-output-buffer-limit'] ?? '')) ?? [];
  return hard === undefined || soft === undefined ? DEFAULT_LIMITS : { hard: Number(hard), soft: Number(soft) };
}

/** Bytes that wait at the server for a client; null where it is not there any more, or the server does not tell. */
export async function waitingFor(commands: RedisConnection, client: number): Promise<number | null> {
  const text = await ask(commands, 'CLIENT', (own) => own.sendCommand(['CLIENT', 'LIST', 'ID', String(client)]));
  const bytes = / omem=(\d+)/.exec(String(text ?? ''))?.[1];
  return bytes === undefined ? null : Number(bytes);
}

type Client = Parameters<Parameters<RedisConnection['run']>[1]>[0];

async function ask<T>(
  commands: RedisConnection,
  name: string,
  work: (client: Client) => Promise<T>,
): Promise<T | null> {
  try {
    return await commands.run(name, work, ASK_MS);
  } catch {
    // The caller goes without.
    return null;
  }
}
