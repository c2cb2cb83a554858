// node database-opener.ts <path>: opens an embedded PostgreSQL, and stays.
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';

await pgliteDatabase({ path: process.argv[2]!, clock: systemClock() });
