import { once } from 'node:events';
import { startEdge } from './mcp2-edge.ts';

/** The HTTP edge of mcp2 over parts in memory, for tools that need a server: prints its address and serves until it is told to end. */
const edge = await startEdge({ options: { port: Number(process.argv[2] ?? 0) } });
console.log(edge.address);
await once(process, 'SIGTERM');
await edge.close();
for (const { code, message, data } of edge.journal.events) console.log(code, message, data.stack ?? '');
