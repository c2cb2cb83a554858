import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import fastify from 'fastify';
import { Refusal } from '../../src/edge/refusals.ts';
import type { Caller, Scope } from '../../src/ports/caller.ts';
import { type HttpOptions, mountMcp, type ServerFor } from '../../src/services/mcp2/mcp/http.ts';
import { mcpServer } from '../../src/services/mcp2/mcp/server.ts';
import type { Watch } from '../../src/services/mcp2/mcp/tools.ts';
import { type FakeDesk, fakeDesk } from './fake-desk.ts';

/** How clients that know only revisions up to 2025-11-25 connect, and those of 2026-07-28. */
export const revisions = { '2025-11-25': 'legacy', '2026-07-28': { pin: '2026-07-28' } } as const;
export type Revision = keyof typeof revisions;

export const connectOptions = (revision: Revision): ClientOptions => ({
  versionNegotiation: { mode: revisions[revision] },
});

export interface McpDesk {
  readonly desk: FakeDesk;
  readonly url: URL;
  /** What the server was told of faults. */
  readonly reports: { what: string; error: unknown }[];
  /** Calls that write or ask models, as the audit is told of them. */
  readonly audit: unknown[][];
  /** Actions that are refused. */
  readonly limited: Set<string>;
  /** A client with a key of that name and those scopes, which `close` ends. */
  client(revision: Revision, scopes?: readonly Scope[], name?: string): Promise<Client>;
  /** Sends a body as it is. */
  post(body: string | Uint8Array, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

interface DeskOptions {
  readonly http?: Partial<HttpOptions>;
  /** In place of the server with the fake desk. */
  readonly serverFor?: ServerFor;
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** The MCP server over real HTTP, with a desk in memory. The caller is what the header `x-caller` says: `name:scope,scope`. */
export async function mcpDesk({ http, serverFor }: DeskOptions = {}): Promise<McpDesk> {
  const desk = fakeDesk();
  const reports: McpDesk['reports'] = [];
  const report = (what: string, error: unknown): void => void reports.push({ what, error });
  const audit: unknown[][] = [];
  const limited = new Set<string>();
  const watch: Watch = {
    admit(action, { name }) {
      if (limited.has(action)) throw new Refusal(429, 'rate', `${name} has asked too much`);
    },
    ended: (action, { name }, id, status) => void audit.push([action, name, id, status]),
  };
  // A client that gave up a request leaves its connection to the pool, which would hold up the end.
  const app = fastify({ forceCloseConnections: true });
  app.decorateRequest('caller', null as unknown as Caller);
  app.addHook('onRequest', async (request) => {
    const [name = 'anonymous', scopes = 'read,write,llm'] = String(request.headers['x-caller'] ?? '').split(':');
    request.caller = { name, scopes: scopes.split(',') as Scope[] };
  });
  await app.register(
    mountMcp(
      serverFor ?? ((caller, gone) => mcpServer({ desk, version: '1.2.3', report, watch }, caller, gone)),
      report,
      http,
    ),
  );
  app.get('/health', async () => ({ ok: true }));
  const url = new URL('/mcp', await app.listen({ host: '127.0.0.1', port: 0 }));
  const clients: Client[] = [];
  return {
    desk,
    url,
    reports,
    audit,
    limited,
    async client(revision, scopes = ['read', 'write', 'llm'], name = 'desk') {
      const client = new Client({ name: 'test', version: '1' }, connectOptions(revision));
      const requestInit = { headers: { 'x-caller': `${name}:${scopes.join(',')}` } };
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
      clients.push(client);
      return client;
    },
    post: (body, headers = {}) =>
      fetch(url, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: body as string }),
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await app.close();
    },
  };
}
