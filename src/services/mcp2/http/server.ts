import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import { addEndpoint } from '../../../edge/add-endpoint.ts';
import { docsPage } from '../../../edge/api-reference.ts';
import type { Audit } from '../../../edge/audit.ts';
import { type ApiKey, authenticate } from '../../../edge/auth.ts';
import { edgeMetrics } from '../../../edge/edge-metrics.ts';
import type { Endpoint } from '../../../edge/endpoint.ts';
import { type Gate, guard } from '../../../edge/guard.ts';
import { type HostOptions, hostCheck, originCheck } from '../../../edge/hosts-and-origins.ts';
import { jsonBodies } from '../../../edge/json-body.ts';
import { rateLimit } from '../../../edge/limits.ts';
import { addressText, listenError } from '../../../edge/listen-error.ts';
import { apiDescription } from '../../../edge/openapi.ts';
import { answerError, answerSocket } from '../../../edge/refusals.ts';
import { routeTable } from '../../../edge/routing.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Desk } from '../../../ports/desk.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import { documentRoutes } from './routes/documents.ts';
import { guidanceRoutes } from './routes/guidance.ts';
import { marketRoutes, type StreamNames } from './routes/market.ts';
import { processRoutes, type Subject } from './routes/process.ts';
import { tradeRoutes } from './routes/trades.ts';

export interface Mcp2ServerNeeds {
  readonly desk: Desk;
  readonly subject: Subject;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
  readonly audit: Audit;
  /** Throws a 429 where a caller has asked models too often. Mounts that ask models share it. */
  readonly limitLlm: (caller: string) => void;
  /** Add further routes; they are behind the same checks, need a key of any scope, and find who calls in `request.caller`. */
  readonly mounts: readonly FastifyPluginAsync[];
}

export interface Mcp2Limits {
  /** Requests of a caller; 0: no limit. */
  readonly perMinute: number;
  readonly bodyBytes: number;
  /** Of POST /documents. */
  readonly documentBytes: number;
  readonly connections: number;
}

export interface Mcp2ServerOptions extends HostOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** None: everybody may do everything. */
  readonly keys: readonly ApiKey[];
  readonly version: string;
  readonly limits: Mcp2Limits;
  readonly streams: StreamNames;
}

/** A head of request that is not there by then is not to come any more. */
const HEAD_MS = 20_000;
const REQUEST_MS = 60_000;
/** Longer than the minute after which proxies drop idle connections, so that none sends into one that closes. */
const KEEP_ALIVE_MS = 75_000;
const HEADER_BYTES = 16_384;
const PATH_PART_LENGTH = 3_000;
const DRAIN_MS = 5_000;

export interface Mcp2Server {
  /** `http://host:port`, with the port that was really taken. */
  readonly address: string;
  /** Lets requests under way end, for five seconds. */
  close(): Promise<void>;
}

/** Serves the HTTP API. Rejects with `host.port-in-use` or `host.address`. */
export async function mcp2Server(needs: Mcp2ServerNeeds, options: Mcp2ServerOptions): Promise<Mcp2Server> {
  const { clock } = needs;
  const server = await build(needs, options);
  const { host, port } = options;
  try {
    await server.listen({ host, port, backlog: 4_096 });
  } catch (cause) {
    await server.close();
    throw listenError(cause as Error, { host, port, of: 'mcp2' });
  }
  const { port: taken } = server.server.address() as AddressInfo;
  return {
    address: addressText(host, taken),
    async close() {
      const over = new AbortController();
      const cut = clock.sleep(DRAIN_MS, over.signal).then(() => server.server.closeAllConnections());
      await server.close();
      over.abort();
      await cut;
    },
  };
}

async function build(needs: Mcp2ServerNeeds, options: Mcp2ServerOptions): Promise<FastifyInstance> {
  const { desk, subject, clock, journal, audit, mounts } = needs;
  const { keys, limits, streams } = options;
  const metrics = edgeMetrics(needs.metrics);
  const failing = { journal, rejected: metrics.rejected };
  const server = fastify({
    forceCloseConnections: 'idle',
    // A request on a connection that is about to close is answered as any other.
    return503OnClosing: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { maxHeaderSize: HEADER_BYTES, headersTimeout: HEAD_MS, requireHostHeader: false },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PATH_PART_LENGTH },
    frameworkErrors: (error, _request, reply) => answerError(error, reply, failing),
    clientErrorHandler: (error, socket) => answerSocket(error, socket as Socket, metrics.rejected),
  });
  server.server.maxConnections = limits.connections;
  server.setErrorHandler((error, _request, reply) => answerError(error, reply, failing));
  jsonBodies(server);
  const gate: Gate = {
    table: routeTable(server),
    checkHost: hostCheck(options),
    checkOrigin: originCheck(options),
    callerOf: authenticate(keys),
    limits: {
      general: rateLimit(limits.perMinute, 'requests', clock),
      llm: needs.limitLlm,
      none: () => undefined,
    },
    metrics,
    audit,
    clock,
    failing,
  };
  guard(server, gate);
  const endpoints: Endpoint[] = [
    ...tradeRoutes(desk.trades),
    ...documentRoutes(desk.documents),
    ...guidanceRoutes(desk.guidance),
    ...marketRoutes(desk.market, streams),
    ...processRoutes(subject, keys.length === 0),
  ];
  for (const each of endpoints) addEndpoint(server, each, limits);
  await docsPage(server, apiDescription(endpoints, options));
  for (const mount of mounts) await server.register(mount);
  await server.ready();
  return server;
}
