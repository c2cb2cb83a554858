import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../../ports/caller.ts';
import { type McpNeeds, mcpServer } from './server.ts';

export interface HttpOptions {
  readonly path: string;
  /** Most bytes of a body. */
  readonly bodyLimit: number;
  /** Most streams of change events that may be open. */
  readonly maxSubscriptions: number;
}

const defaults: HttpOptions = { path: '/mcp', bodyLimit: 1_048_576, maxSubscriptions: 256 };

/** Makes the server that answers one request. */
export type ServerFor = (caller: Caller, gone: AbortSignal) => McpServer;

/**
 * Streamable HTTP without sessions: each request has a server of its own, so any process may answer any request, and nothing of one caller
 * can reach another. Requests of the revision 2026-07-28 carry it with them; those of the revisions before it begin with `initialize`.
 */
export const mcpRoutes = (needs: McpNeeds, options: Partial<HttpOptions> = {}) =>
  mountMcp((caller, gone) => mcpServer(needs, caller, gone), needs.report, options);

export const mountMcp =
  (serverFor: ServerFor, report: McpNeeds['report'], options: Partial<HttpOptions> = {}) =>
  async (app: FastifyInstance): Promise<void> => {
    const { path, bodyLimit, maxSubscriptions } = { ...defaults, ...options };
    const handler = createMcpHandler(
      ({ authInfo, requestInfo }) => serverFor(authInfo!.extra!.caller as Caller, requestInfo!.signal),
      { maxRequestBodySize: bodyLimit, maxSubscriptions, onerror: (error) => report('mcp', error) },
    );
    // detached: fastify awaits plugins
    await app.register(async (scope) => {
      // The SDK reads bodies itself: its answers to what is no JSON, or no message, are those of the protocol.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit },
        async (_: FastifyRequest, body: Buffer) => body,
      );
      scope.setErrorHandler<FastifyError>((error, _request, reply) => {
        if (error.statusCode !== 413) throw error;
        return reply.code(413).send(refused(error.message));
      });
      scope.addHook('preClose', () => handler.close());
      scope.route({
        method: ['GET', 'POST', 'DELETE'],
        url: path,
        schema: { hide: true } as object,
        handler: async (request, reply) => {
          if (messagesIn(request.body as Buffer | undefined) > MOST_MESSAGES)
            return reply.code(413).send(refused(`a batch of more than ${MOST_MESSAGES} messages`));
          const { name, scopes } = request.caller;
          return handler.fetch(webRequest(request, reply), {
            authInfo: { token: '', clientId: name, scopes: [...scopes], extra: { caller: request.caller } },
          });
        },
      });
    });
  };

/** A batch counts as one request towards the limit of requests, and only one old revision has batches. */
const MOST_MESSAGES = 20;
const BRACKET = 0x5b;
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** How many messages a body holds; one where it is no JSON, which the SDK says. */
function messagesIn(body: Buffer | undefined): number {
  if (body?.find((byte) => !isSpace(byte)) !== BRACKET) return 1;
  try {
    return (JSON.parse(body.toString()) as unknown[]).length;
  } catch {
    return 1;
  }
}

const refused = (message: string) => ({ jsonrpc: '2.0', id: null, error: { code: -32000, message } });

/** The request as the SDK takes it; its signal aborts when the client goes away before the answer is out. */
function webRequest(request: FastifyRequest, reply: FastifyReply): Request {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) headers.append(name, each);
  const body = request.method === 'POST' ? ((request.body as Buffer | undefined) ?? '') : null;
  // The address plays no part, only its form: what the client says of the host is not trusted.
  return new Request(new URL(request.url, 'http://localhost'), {
    method: request.method,
    headers,
    body,
    signal: gone.signal,
  });
}
