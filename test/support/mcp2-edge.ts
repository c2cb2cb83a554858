import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { barStream } from '../../src/domain/bar/bar-topics.ts';
import type { AuditEntry } from '../../src/services/mcp2/http/audit.ts';
import { rateLimit } from '../../src/services/mcp2/http/limits.ts';
import type { PartReport } from '../../src/services/mcp2/http/routes/process.ts';
import {
  type Mcp2Limits,
  type Mcp2Server,
  type Mcp2ServerNeeds,
  type Mcp2ServerOptions,
  mcp2Server,
} from '../../src/services/mcp2/http/server.ts';
import { memoryParts } from './memory-parts.ts';
import { recordingJournal } from './recording-journal.ts';

export interface Edge extends Mcp2Server {
  readonly journal: ReturnType<typeof recordingJournal>;
  readonly parts: ReturnType<typeof memoryParts>;
  readonly audited: readonly AuditEntry[];
  metrics(): Promise<string>;
}

interface Changes {
  readonly options?: Partial<Omit<Mcp2ServerOptions, 'limits'>>;
  readonly limits?: Partial<Mcp2Limits> & { readonly llmPerMinute?: number };
  readonly needs?: Partial<Pick<Mcp2ServerNeeds, 'parts' | 'mounts' | 'clock'>>;
  readonly services?: Readonly<Record<string, PartReport>>;
}

/** The HTTP edge of mcp2 over parts in memory, on a port of its own. */
export async function startEdge({
  options = {},
  limits: { llmPerMinute = 0, ...limits } = {},
  needs = {},
  services = {},
}: Changes = {}): Promise<Edge> {
  const [metrics, journal, parts] = [prometheusMetrics({ process: false }), recordingJournal(), memoryParts()];
  const audited: AuditEntry[] = [];
  const server = await mcp2Server(
    {
      parts,
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
  return { ...server, journal, parts, audited, metrics: () => metrics.text() };
}
