import { join } from 'node:path';
import { lmdbSpool } from '../../src/adapters/spool/lmdb.ts';
import { simulatedSpool } from '../simulation/engines/spool.ts';
import { runContract } from './contract.ts';
import { onFolder } from './engines.ts';
import { onSimulation } from './simulated.ts';
import { spoolContract } from './spool.contract.ts';

runContract(spoolContract, {
  lmdb: onFolder((path) => lmdbSpool(join(path, 'spool'))),
  simulated: onSimulation(({ disk }, life) => simulatedSpool(disk, life)),
});
