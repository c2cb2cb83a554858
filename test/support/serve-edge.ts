import { hash } from 'node:crypto';
import { once } from 'node:events';
import { scopes } from '../../src/ports/caller.ts';
import { startEdge } from './mcp2-edge.ts';

/** The HTTP edge of mcp2 over a desk in memory, for tools that need a server: prints its address and its key, and serves until its input ends. */
const key = 'a-key-for-generated-requests';
const keys = [{ name: 'tool', scopes, sha256: hash('sha256', key) }];
const edge = await startEdge({ options: { port: Number(process.argv[2] ?? 0), keys } });
console.log(edge.address, key);
await once(process.stdin.resume(), 'end');
await edge.close();
for (const { code, message, data } of edge.journal.events) console.log(code, message, data.stack ?? '');
