// node pglite-folder.ts <path>: makes the folder of an embedded PostgreSQL, and ends.
import { PGlite } from '@electric-sql/pglite';
import { spareCompilers } from './wasm-compilers.ts';

spareCompilers();
const database = await PGlite.create(process.argv[2]!);
await database.close();
