import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { PulseError } from '../../domain/errors.ts';
import { type Caller, scopes } from '../../services/mcp2/caller.ts';
import { mcpServer } from '../../services/mcp2/mcp/server.ts';
import type { Parts } from '../../services/mcp2/parts.ts';
import { runningIn } from '../data-dir.ts';
import { remoteParts } from '../remote-parts.ts';
import { type Runtime, version } from '../runtime.ts';
import type { Command } from './command.ts';

/** Whoever starts the process may do what it may do; an mcp2 that it works through goes by the key. */
const CALLER: Caller = { name: 'stdio', scopes };

/** One person's own process: an mcp2 that it works through has limits and an audit of its own. */
const UNWATCHED = { admit: () => undefined, ended: () => undefined };

/** Parts on the engines of a command. */
export type MakeParts = (runtime: Runtime) => Promise<Parts>;

/** `makeParts` null: it works through an mcp2 alone. */
export const mcpCommand = (makeParts: MakeParts | null): Command => ({
  name: 'mcp',
  summary: 'serve AI clients over standard input and output (Model Context Protocol)',
  details: `Works through the mcp2 at MCP2_URL, else through the mcp2 of the \`pulse up\` that runs in the data directory,
else on engines of its own. Standard output holds the protocol alone; the log goes to standard error.

Examples:
  pulse mcp
  pulse mcp --mcp2-url http://127.0.0.1:8002 --mcp2-client-key $KEY`,
  async run(runtime) {
    await serve(runtime, await partsOf(runtime, makeParts));
    return 0;
  },
});

async function partsOf(runtime: Runtime, makeParts: MakeParts | null): Promise<Parts> {
  const { mcp2Url, mcp2ClientKey, dataDir } = runtime.config.values;
  const address = mcp2Url ?? (await runningIn(dataDir))?.mcp2 ?? null;
  if (address !== null) return remoteParts(address, mcp2ClientKey);
  if (makeParts !== null) return makeParts(runtime);
  throw new PulseError('usage.invalid', { problem: 'no mcp2 runs in the data directory', help: 'pulse mcp --help' });
}

/** Resolves when the client closes standard input, or the process is told to end. */
async function serve({ journals, signal }: Runtime, parts: Parts): Promise<void> {
  const journal = journals.of('mcp');
  const report = (what: string, error: unknown): void => {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const data = error instanceof PulseError ? { code: error.code, ...error.evidence } : { stack };
    journal.event('error', 'request.failed', `${what} failed: ${message}`, data);
  };
  const ended = Promise.withResolvers<void>();
  const server = serveStdio(() => mcpServer({ parts, version, report, watch: UNWATCHED }, CALLER), {
    onerror: (error) => report('mcp', error),
  });
  process.stdin.once('close', ended.resolve).once('end', ended.resolve);
  signal.addEventListener('abort', () => ended.resolve(), { once: true });
  if (signal.aborted) ended.resolve();
  await ended.promise;
  await server.close();
}
