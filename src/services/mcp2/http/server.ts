import type { FastifyPluginAsync } from 'fastify';
import type { Audit } from '../../../edge/audit.ts';
import type { ApiKey } from '../../../edge/auth.ts';
import { edgeMetrics } from '../../../edge/edge-metrics.ts';
import type { Endpoint } from '../../../edge/endpoint.ts';
import type { HostOptions } from '../../../edge/hosts-and-origins.ts';
import { type HttpServer, type ListenerLimits, listen } from '../../../edge/listener.ts';
import type { ProcessSubject } from '../../../edge/process-paths.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Desk } from '../../../ports/desk.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import { tags } from './endpoint.ts';
import { listenSettings } from './listen-settings.ts';
import { documentRoutes } from './routes/documents.ts';
import { guidanceRoutes } from './routes/guidance.ts';
import { marketRoutes, type StreamNames } from './routes/market.ts';
import { processRoutes } from './routes/process.ts';
import { tradeRoutes } from './routes/trades.ts';

export interface Mcp2ServerNeeds {
  readonly desk: Desk;
  readonly subject: ProcessSubject;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
  readonly audit: Audit;
  /** Throws a 429 where a caller has asked models too often. Mounts that ask models share it. */
  readonly limitLlm: (caller: string) => void;
  /** Add further routes; they are behind the same checks, need a key of any scope, and find who calls in `request.caller`. */
  readonly mounts: readonly FastifyPluginAsync[];
}

export interface Mcp2Limits extends Omit<ListenerLimits, 'largeBodyBytes'> {
  /** Of POST /documents. */
  readonly documentBytes: number;
}

export interface Mcp2ServerOptions extends Pick<HostOptions, 'host' | 'publicUrl' | 'corsOrigins'> {
  /** Further host names, without port, by which it is reached. */
  readonly allowedHosts: readonly string[];
  /** 0 takes any free one. */
  readonly port: number;
  /** None: everybody may do everything. */
  readonly keys: readonly ApiKey[];
  readonly version: string;
  readonly limits: Mcp2Limits;
  readonly streams: StreamNames;
}

const ABOUT =
  'Captures trade payloads, searches documents, gives guidance, and serves streams, bars, parity and analyses. AI clients reach the same over the Model Context Protocol at /mcp.';

/** Serves the HTTP API. Rejects with `host.port-in-use` or `host.address`. */
export async function mcp2Server(needs: Mcp2ServerNeeds, options: Mcp2ServerOptions): Promise<HttpServer> {
  const { limits, version } = options;
  return listen(
    {
      endpoints: endpointsOf(needs, options),
      mounts: needs.mounts,
      api: { title: 'Pulse mcp2', about: ABOUT, version, tags },
    },
    { ...needs, metrics: edgeMetrics(needs.metrics, 'mcp2') },
    {
      ...options,
      name: 'mcp2',
      settings: listenSettings,
      keysVariable: 'MCP2_API_KEY',
      allowedHostsVariable: 'MCP2_ALLOWED_HOSTS',
      corsOriginsVariable: 'MCP2_CORS_ORIGINS',
      limits: { ...limits, largeBodyBytes: limits.documentBytes },
    },
  );
}

const endpointsOf = ({ desk, subject }: Mcp2ServerNeeds, { keys, streams }: Mcp2ServerOptions): Endpoint[] => [
  ...tradeRoutes(desk.trades),
  ...documentRoutes(desk.documents),
  ...guidanceRoutes(desk.guidance),
  ...marketRoutes(desk.market, streams),
  ...processRoutes(subject, keys.length === 0),
];
