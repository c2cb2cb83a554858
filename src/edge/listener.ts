import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import { addEndpoint } from './add-endpoint.ts';
import { docsPage } from './api-reference.ts';
import type { Audit } from './audit.ts';
import { type ApiKey, authenticate, type KeyNames } from './auth.ts';
import { type EdgeMetrics, uncounted } from './edge-metrics.ts';
import type { Endpoint } from './endpoint.ts';
import { guard } from './guard.ts';
import { type HostOptions, hostCheck, originCheck } from './hosts-and-origins.ts';
import { jsonBodies } from './json-body.ts';
import { rateLimit } from './limits.ts';
import { addressText, listenError, type Where } from './listen-error.ts';
import { type ApiFacts, apiDescription } from './openapi.ts';
import { answerError, answerSocket, type ErrorNeeds } from './refusals.ts';
import { routeTable } from './routing.ts';

export interface ListenerNeeds {
  readonly clock: Clock;
  readonly journal: Journal;
  /** null: its requests are not counted. */
  readonly metrics: EdgeMetrics | null;
  /** null: nothing is audited. */
  readonly audit: Audit | null;
  /** Throws a 429 where a caller has asked models too often; mounts that ask models share it. null: no limit. */
  readonly limitLlm: ((caller: string) => void) | null;
}

/** What it serves. */
export interface Served {
  readonly endpoints: readonly Endpoint[];
  /** Add further routes; they are behind the same checks, need a key of any scope, and find who calls in `request.caller`. */
  readonly mounts?: readonly FastifyPluginAsync[];
  /** Shown at /openapi.json and /docs; null: neither is there. */
  readonly api: ApiFacts | null;
}

export interface ListenerLimits {
  /** Requests of a caller; 0: no limit. */
  readonly perMinute: number;
  readonly bodyBytes: number;
  /** Of endpoints whose `bodyLimit` is `large`. */
  readonly largeBodyBytes: number;
  readonly connections: number;
}

export interface ListenerOptions extends HostOptions, KeyNames, Pick<Where, 'settings'> {
  /** 0 takes any free one. */
  readonly port: number;
  /** None: everybody may do everything. */
  readonly keys: readonly ApiKey[];
  readonly limits: ListenerLimits;
}

export interface HttpServer {
  /** `http://host:port`, with the port that was really taken. */
  readonly address: string;
  /** Lets requests under way end, for five seconds. */
  close(): Promise<void>;
}

/** A head of request that is not there by then is not to come any more. */
const HEAD_MS = 20_000;
const REQUEST_MS = 60_000;
/** Longer than the minute after which proxies drop idle connections, so that none sends into one that closes. */
const KEEP_ALIVE_MS = 75_000;
const HEADER_BYTES = 16_384;
const PATH_PART_LENGTH = 3_000;
const DRAIN_MS = 5_000;

/** Listens, and serves endpoints and mounts behind all checks of the edge. Rejects with `host.port-in-use` or `host.address`. */
export async function listen(served: Served, needs: ListenerNeeds, options: ListenerOptions): Promise<HttpServer> {
  const { clock } = needs;
  const server = await build(served, needs, options);
  const { host, port, settings } = options;
  try {
    await server.listen({ host, port, backlog: 4_096 });
  } catch (cause) {
    await server.close();
    throw listenError(cause as Error, { host, port, settings });
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

async function build(
  { endpoints, mounts = [], api }: Served,
  needs: ListenerNeeds,
  options: ListenerOptions,
): Promise<FastifyInstance> {
  const { limits, publicUrl } = options;
  const metrics = needs.metrics ?? uncounted;
  const failing = { journal: needs.journal, rejected: metrics.rejected };
  const server = bareServer(failing, limits);
  jsonBodies(server);
  guard(server, {
    table: routeTable(server),
    checkHost: hostCheck(options),
    checkOrigin: originCheck(options),
    callerOf: authenticate(options.keys),
    names: options,
    hasDocs: api !== null,
    limits: {
      general: rateLimit(limits.perMinute, 'requests', needs.clock),
      llm: needs.limitLlm ?? (() => undefined),
      none: () => undefined,
    },
    metrics,
    audit: needs.audit,
    clock: needs.clock,
    failing,
  });
  for (const each of endpoints) addEndpoint(server, each, limits);
  if (api !== null) await docsPage(server, api.title, apiDescription(endpoints, api, publicUrl));
  for (const mount of mounts) await server.register(mount);
  await server.ready();
  return server;
}

/** Without routes; every fault of a request is answered in one form. */
function bareServer(failing: ErrorNeeds, limits: ListenerLimits): FastifyInstance {
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
    clientErrorHandler: (error, socket) => answerSocket(error, socket as Socket, failing.rejected),
  });
  server.server.maxConnections = limits.connections;
  server.setErrorHandler((error, _request, reply) => answerError(error, reply, failing));
  return server;
}
