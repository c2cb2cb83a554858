import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { redisEntryStream } from '../../src/adapters/entry-stream/redis.ts';
import { simulatedEntryStream } from '../simulation/engines/entry-stream.ts';
import { runContract } from './contract.ts';
import { onFolder, onRedis } from './engines.ts';
import { entryStreamContract } from './entry-stream.contract.ts';
import { onSimulation } from './simulated.ts';

const clock = systemClock();

const NO_GROUPS = 'nothing that is simulated reads streams in groups';
const noGroups = { reason: NO_GROUPS, fails: NO_GROUPS };
const ofGroups = [
  'gives each entry to one consumer of a group',
  'waits for the first new entry, and no longer than told',
  'hands over what a dead consumer did not acknowledge, and counts the deliveries',
  'tells the entry before the first of new ones, whoever was given it',
  'begins a group that is made after the entry that the reader names, and heeds that no more later',
  "gives a consumer that comes back its own entries again, and nobody else's",
  'tells, once, that entries were trimmed away before the group was given them',
  'tells it to a group that began in the middle, too',
  'tells where a group that was made for nothing begins',
  'tells nothing of entries that were trimmed away after the group was given them',
  'tells what was trimmed away before it was acknowledged, once',
  'never delivers again what was acknowledged',
  'keeps entries, groups and what was delivered over a restart',
];

runContract(
  entryStreamContract,
  {
    lmdb: onFolder((path) => lmdbEntryStream({ path, clock })),
    redis: onRedis((url) => redisEntryStream({ url, clock })),
    simulated: onSimulation(({ redis }, life) => simulatedEntryStream(redis, life)),
  },
  { waive: Object.fromEntries(ofGroups.map((promise) => [`simulated: ${promise}`, noGroups])) },
);
