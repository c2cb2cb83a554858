import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbKeyValue } from '../../src/adapters/key-value/lmdb.ts';
import { redisKeyValue } from '../../src/adapters/key-value/redis.ts';
import { runContract } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { keyValueContract } from './key-value.contract.ts';

const clock = systemClock();

runContract(keyValueContract, {
  lmdb: onFolder((path) => lmdbKeyValue({ path })),
  redis: onRedis((url) => redisKeyValue({ url, clock })),
});
