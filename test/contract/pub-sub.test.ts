import { systemClock } from '../../src/adapters/clock/system.ts';
import { memoryPubSub } from '../../src/adapters/pub-sub/memory.ts';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';
import { runContract } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { pubSubContract } from './pub-sub.contract.ts';

const clock = systemClock();

runContract(
  pubSubContract,
  { memory: onFolder(() => memoryPubSub()), redis: onRedis((url) => redisPubSub({ url, clock })) },
  {
    waive: {
      'memory: tells of a loss when the server is restarted, joins again by itself, and goes on':
        'it lives in the process that uses it: there is no server to restart',
    },
  },
);
