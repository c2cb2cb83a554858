import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbLease } from '../../src/adapters/lease/lmdb.ts';
import { redisLease } from '../../src/adapters/lease/redis.ts';
import { simulatedLease } from '../simulation/engines/lease.ts';
import { runContract } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { leaseContract } from './lease.contract.ts';
import { onSimulation } from './simulated.ts';

const clock = systemClock();

runContract(leaseContract, {
  lmdb: onFolder((path) => lmdbLease({ path, clock })),
  redis: onRedis((url) => redisLease({ url, clock })),
  simulated: onSimulation(({ redis }, life) => simulatedLease(redis, life)),
});
