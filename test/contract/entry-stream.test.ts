import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { redisEntryStream } from '../../src/adapters/entry-stream/redis.ts';
import { runContract } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { entryStreamContract } from './entry-stream.contract.ts';

const clock = systemClock();

runContract(entryStreamContract, {
  lmdb: onFolder((path) => lmdbEntryStream({ path, clock })),
  redis: onRedis((url) => redisEntryStream({ url, clock })),
});
