import { systemClock } from '../../src/adapters/clock/system.ts';
import { memoryPubSub } from '../../src/adapters/pub-sub/memory.ts';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';
import { simulatedPubSub } from '../simulation/engines/pub-sub.ts';
import { runContract } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { pubSubContract } from './pub-sub.contract.ts';
import { onSimulation } from './simulated.ts';

const clock = systemClock();

runContract(
  pubSubContract,
  {
    memory: onFolder(() => memoryPubSub()),
    redis: onRedis((url) => redisPubSub({ url, clock })),
    simulated: onSimulation(({ redis }, life) => simulatedPubSub(redis, life)),
  },
  {
    waive: {
      'memory: tells of a loss when the server is restarted, joins again by itself, and goes on':
        'it lives in the process that uses it: there is no server to restart',
    },
  },
);
