import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Config } from '../config/config.ts';
import { withoutPassword } from '../config/setting.ts';
import type { ServiceReport } from '../host/supervisor.ts';
import type { Engines } from './composition.ts';
import { watchEngines } from './watch.ts';
import { within } from './within.ts';

/** What a command has no work without. Events go to Kafka too: for that alone nobody waits. */
export type ServerKind = 'redis' | 'kafka';

interface Server {
  readonly name: 'redis' | 'redis-streams' | 'kafka';
  ping(): Promise<void>;
  /** What to say when nothing comes back; it names the variable to set. */
  unavailable(reason: string): PulseError;
}

export interface ReachNeeds {
  readonly engines: Engines;
  readonly config: Config;
  readonly clock: Clock;
}

function serversOf({ engines, config }: ReachNeeds, kinds: readonly ServerKind[]): Server[] {
  const { redisUrl, redisStreamsUrl, kafkaBrokers } = config.values;
  const redis = (name: Server['name'], variable: string, url: string, ping: Server['ping']): Server => ({
    name,
    ping,
    unavailable: (reason) => new PulseError('redis.unavailable', { at: withoutPassword(url), reason, variable }),
  });
  const servers: Server[] = [];
  if (kinds.includes('redis') && engines.kind.redis === 'real') {
    servers.push(redis('redis', 'REDIS_URL', redisUrl, async () => (await engines.pubSub()).ping()));
    if (redisStreamsUrl !== null)
      servers.push(
        redis('redis-streams', 'REDIS_STREAMS_URL', redisStreamsUrl, async () => (await engines.streams()).ping()),
      );
  }
  if (kinds.includes('kafka') && engines.kind.log === 'real')
    servers.push({
      name: 'kafka',
      ping: async () => (await engines.log()).ping(),
      unavailable: (reason) => new PulseError('log.unavailable', { at: kafkaBrokers.join(','), reason }),
    });
  return servers;
}

/** Resolves when the server has answered. Rejects with `redis.*` or `log.*`, soon. */
async function reach(server: Server, clock: Clock): Promise<void> {
  const silent = (seconds: number) => server.unavailable(`no answer within ${seconds} s`);
  try {
    await within(server.ping(), server.name, clock, silent);
  } catch (error) {
    // An engine does not know which variable its address came from.
    throw error instanceof PulseError && error.code === 'redis.unavailable'
      ? server.unavailable(String(error.evidence.reason))
      : error;
  }
}

/** Resolves when every such server that is not embedded has answered. Rejects with the error of one that did not. */
export async function reachAll(needs: ReachNeeds, kinds: readonly ServerKind[]): Promise<void> {
  await Promise.all(serversOf(needs, kinds).map((server) => reach(server, needs.clock)));
}

/**
 * Says which servers were not reached yet, by events and in the reports, until each has answered once: from then on the services that use
 * it tell. Without it a wrong address would show as a service that waits, and nobody would know for what.
 */
export function watchFirstReach(
  needs: ReachNeeds,
  kinds: readonly ServerKind[],
  journal: Journal,
  signal: AbortSignal,
): () => Readonly<Record<string, ServiceReport>> {
  const { clock } = needs;
  const servers = serversOf(needs, kinds).map(
    (server) => [server.name, { ping: () => reach(server, clock), without: 'nothing works' }] as const,
  );
  return watchEngines(Object.fromEntries(servers), { clock, journal, signal, until: 'first answer' });
}
