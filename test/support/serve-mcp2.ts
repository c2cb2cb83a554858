import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: waits for another process
import { documentExample, guidanceExample, payloadExample } from '../../src/services/mcp2/http/examples.ts';
import { Mcp2Desk } from './mcp2-desk.ts';
import { embeddedMcp2, KEYS, realMcp2, writeTape } from './mcp2-engines.ts';

/**
 * mcp2 as it is started, with something of everything on its engines, for tools that need a server: prints its address and its key,
 * and serves until its input ends; then prints how often it answered with a defect, and ends with 1 if it did. Not by a signal: the
 * package that runs Postgres takes those for itself.
 *
 *   node test/support/serve-mcp2.ts embedded|real [open]
 *
 * `open`: without a key, for tools that can send none.
 */
const start = process.argv[2] === 'real' ? realMcp2 : embeddedMcp2;
const told = once(process.stdin.resume(), 'end');
const engines = await start({
  MCP2_RATE_LIMIT_PER_MINUTE: '0',
  MCP2_LLM_RATE_LIMIT_PER_MINUTE: '0',
  ...(process.argv[3] === 'open' && { MCP2_API_KEY: '' }),
});
const desk = new Mcp2Desk(engines.address, KEYS.desk);
const wanted = async (what: string, status: () => Promise<number>): Promise<void> => {
  let answered = 0;
  for (let waited = 0; waited < 60_000; waited += 200) {
    answered = await status();
    if (answered < 300) return;
    await sleep(200);
  }
  throw new Error(`${what}: ${answered}`);
};
await wanted('ready', async () => (await desk.get('/ready')).status);
await writeTape(engines.streams);
await wanted('trade', async () => (await desk.post('/log_enriched_trade', payloadExample)).status);
await wanted('document', async () => (await desk.post('/documents', documentExample)).status);
await wanted('guidance', async () => (await desk.post('/llm/simple', guidanceExample)).status);
await wanted('analysis', async () => (await desk.get('/analysis/EURUSD')).status);
console.log(engines.address, KEYS.desk);
await told;
const failures = [...(await desk.get('/metrics')).body.matchAll(/^mcp2_requests_total\{.*status="50[0-2]".*$/gm)].map(
  ([line]) => line,
);
await engines.dispose();
for (const line of failures) console.log(line);
process.exitCode = failures.length > 0 ? 1 : 0;
