import { createClient } from 'redis';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { memoryPubSub } from '../../src/adapters/pub-sub/memory.ts';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';
import { simulatedPubSub } from '../simulation/engines/pub-sub.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { runContract, type Waiver } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { pubSubContract } from './pub-sub.contract.ts';
import { onSimulation } from './simulated.ts';

const clock = systemClock();

/** Sends one command. */
async function tell({ url }: RedisServer, ...words: string[]): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.sendCommand(words);
  client.destroy();
}

/** There is nothing that could be done to it. */
const inProcess = (fault: string): Waiver => ({
  reason: 'it lives in the process that uses it: there is no server that could be lost',
  fails: `the adapter offers no fault "${fault}"`,
});

runContract(
  pubSubContract,
  {
    memory: onFolder(() => memoryPubSub()),
    // Little may wait here, so that slow listeners also come to where the socket is left alone; publishers wait for them.
    redis: onRedis(
      (url) => redisPubSub({ url, clock, waitingBytes: 1_000_000, timeoutMs: 60_000 }),
      (redis) => ({
        'subscriber killed': () => tell(redis, 'CLIENT', 'KILL', 'TYPE', 'pubsub'),
        'server stands still, until it goes on': async () => redis.pause(),
        'server goes on': async () => redis.resume(),
      }),
    ),
    simulated: onSimulation(({ redis }, life) => simulatedPubSub(redis, life)),
  },
  {
    waive: {
      'memory: tells of a loss when the server is restarted, joins again by itself, and goes on':
        inProcess('server restart'),
      'memory: calls it no overflow when the connection of a subscriber that stood still is closed':
        inProcess('subscriber killed'),
      'memory: notices a server that does not answer, and joins again when it does': inProcess(
        'server stands still, until it goes on',
      ),
    },
  },
);
