// node pglite-maker.ts <path>: makes the folder of an embedded PostgreSQL, and ends; at once where whoever started it has ended.
import { PgliteThread } from './pglite-thread.ts';

process.stdin.resume().on('close', () => process.exit(1));
// In a thread: PGlite holds up whatever thread it runs in, and the end of the other process must be heard.
const thread = new PgliteThread(process.argv[2]!);
await thread.opened;
await thread.close();
process.exit(0);
