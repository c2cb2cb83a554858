import { join } from 'node:path';
import { lmdbSpool } from '../../src/adapters/spool/lmdb.ts';
import { runContract } from './contract.ts';
import { onFolder } from './engines.ts';
import { spoolContract } from './spool.contract.ts';

runContract(spoolContract, { lmdb: onFolder((path) => lmdbSpool(join(path, 'spool'))) });
