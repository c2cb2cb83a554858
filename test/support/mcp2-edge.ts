import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { barStream } from '../../src/domain/bar/bar-topics.ts';
import type { AuditEntry } from '../../src/edge/audit.ts';
import { rateLimit } from '../../src/edge/limits.ts';
import type { HttpServer } from '../../src/edge/listener.ts';
import type { PartReport } from '../../src/edge/process-paths.ts';
import {
  type Mcp2Limits,
  type Mcp2ServerNeeds,
  type Mcp2ServerOptions,
  mcp2Server,
} from '../../src/services/mcp2/http/server.ts';
import { memoryDesk } from './memory-desk.ts';
import { recordingJournal } from './recording-journal.ts';

export interface Edge extends HttpServer {
  readonly journal: ReturnType<typeof recordingJournal>;
  readonly desk: ReturnType<typeof memoryDesk>;
  readonly audited: readonly AuditEntry[];
  metrics(): Promise<string>;
}

interface Changes {
  readonly options?: Partial<Omit<Mcp2ServerOptions, 'limits'>>;
  readonly limits?: Partial<Mcp2Limits> & { readonly llmPerMinute?: number };
  readonly needs?: Partial<Pick<Mcp2ServerNeeds, 'desk' | 'mounts' | 'clock'>>;
  readonly services?: Readonly<Record<string, PartReport>>;
}

/** The HTTP edge of mcp2 over a desk in memory, on a port of its own. */
export async function startEdge({
  options = {},
  limits: { llmPerMinute = 0, ...limits } = {},
  needs = {},
  services = {},
}: Changes = {}): Promise<Edge> {
  const [metrics, journal, desk] = [prometheusMetrics({ process: false }), recordingJournal(), memoryDesk()];
  const audited: AuditEntry[] = [];
  const server = await mcp2Server(
    {
      desk,
      subject: { metrics, about: () => ({ version: '0.0.0', instance: 'test' }), services: () => services },
      clock: systemClock(),
      metrics,
      journal,
      audit: { write: (entry) => void audited.push(entry) },
      limitLlm: rateLimit(llmPerMinute, 'requests to models', needs.clock ?? systemClock()),
      mounts: [],
      ...needs,
    },
    {
      host: '127.0.0.1',
      port: 0,
      keys: [],
      publicUrl: null,
      version: '0.0.0',
      allowedHosts: [],
      corsOrigins: [],
      limits: {
        perMinute: 0,
        bodyBytes: 1_048_576,
        documentBytes: 4_194_304,
        connections: 1_000,
        ...limits,
      },
      streams: {
        tick: (symbol) => `v2:ticks:${symbol}`,
        bar: (timeframe, symbol) => barStream('stream:bar', symbol, timeframe),
      },
      ...options,
    },
  );
  return { ...server, journal, desk, audited, metrics: () => metrics.text() };
}
