// node pglite-folder.ts <path>: makes the folder of an embedded PostgreSQL, and ends.
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';

// As in `pglite-worker.ts`.
setFlagsFromString('--no-wasm-dynamic-tiering');
setFlagsFromString('--no-wasm-tier-up');
const database = await PGlite.create(process.argv[2]!);
await database.close();
