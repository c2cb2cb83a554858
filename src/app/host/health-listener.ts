import { hash } from 'node:crypto';
import type { PrometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { type Endpoint, endpoint } from '../../edge/endpoint.ts';
import { type HttpServer, type ListenerNeeds, type ListenerOptions, listen } from '../../edge/listener.ts';
import { healthOf, metricsPath, type ProcessSubject, readinessOf } from '../../edge/process-paths.ts';
import { scopes } from '../../ports/caller.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Asked for on every path but /health and /ready; null: on none. */
  readonly apiKey: string | null;
}

/** What the paths of every process tell. */
export type HttpSubject = ProcessSubject & { readonly metrics: PrometheusMetrics };

/** Listens for as long as services run, and tells of them. Rejects with what kept it from listening. */
export type Listener = (subject: HttpSubject) => Promise<HttpServer>;

/** The settings of where it listens, as errors name them. */
export const listenSettings = { host: '--host (PULSE_HOST)', port: '--port (PULSE_PORT)' };

const LIMITS: ListenerOptions['limits'] = {
  perMinute: 0,
  bodyBytes: 1024 * 1024,
  // A report of a session lists each minute that differs.
  largeBodyBytes: 64 * 1024 * 1024,
  connections: 1_000,
};

/** Listens, with /health, /ready, /metrics and the process's own paths. Rejects with `host.port-in-use` or `host.address`. */
export function httpServer(
  subject: HttpSubject,
  { host, port, apiKey }: HttpOptions,
  needs: Pick<ListenerNeeds, 'clock' | 'journal'>,
  own: readonly Endpoint[] = [],
): Promise<HttpServer> {
  return listen(
    { endpoints: [...processPaths(subject), ...own], api: null },
    { ...needs, metrics: null, audit: null, limitLlm: null },
    {
      host,
      port,
      keys: apiKey === null ? [] : [{ name: 'PULSE_API_KEY', scopes, sha256: hash('sha256', apiKey) }],
      limits: LIMITS,
      settings: listenSettings,
      name: 'pulse',
      keysVariable: 'PULSE_API_KEY',
      // Probes and scrapers name it as they like, and no setting could allow a name.
      allowedHosts: 'any',
      allowedHostsVariable: null,
      corsOrigins: [],
      corsOriginsVariable: null,
      publicUrl: null,
    },
  );
}

const processPaths = (subject: HttpSubject): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/health',
    access: 'everybody',
    tag: 'Process',
    summary: 'Whether the process is alive, and how its services are',
    limit: 'none',
    answers: { 200: { about: 'Alive' } },
    run: () => healthOf(subject),
  }),
  endpoint({
    method: 'GET',
    path: '/ready',
    access: 'everybody',
    tag: 'Process',
    summary: 'Whether every service can work',
    limit: 'none',
    answers: { 200: { about: 'All can' }, 503: { about: 'One cannot: its detail says why' } },
    run: (_input, { reply }) => readinessOf(subject, reply),
  }),
  metricsPath(subject),
];
