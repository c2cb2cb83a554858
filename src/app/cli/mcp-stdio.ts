import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { PulseError } from '../../domain/errors/errors.ts';
import { type Caller, scopes } from '../../ports/caller.ts';
import type { Desk } from '../../ports/desk.ts';
import { mcpServer } from '../../services/mcp2/mcp/server.ts';
import { type Runtime, version } from '../host/runtime.ts';

/** Whoever starts the process may do what it may do; an mcp2 that it works through goes by the key. */
const CALLER: Caller = { name: 'stdio', scopes };

/** One person's own process: an mcp2 that it works through has limits and an audit of its own. */
const UNWATCHED = { admit: () => undefined, ended: () => undefined };

/** Resolves when the client closes standard input, or the process is told to end. */
export async function serveOverStdio({ journals, signal }: Runtime, desk: Desk): Promise<void> {
  const journal = journals.of('mcp');
  const report = (what: string, error: unknown): void => {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const data = error instanceof PulseError ? { code: error.code, ...error.evidence } : { stack };
    journal.event('error', 'request.failed', `${what} failed: ${message}`, data);
  };
  const ended = Promise.withResolvers<void>();
  const server = serveStdio(() => mcpServer({ desk, version, report, watch: UNWATCHED }, CALLER), {
    onerror: (error) => report('mcp', error),
  });
  process.stdin.once('close', ended.resolve).once('end', ended.resolve);
  signal.addEventListener('abort', () => ended.resolve(), { once: true });
  if (signal.aborted) ended.resolve();
  await ended.promise;
  await server.close();
}
