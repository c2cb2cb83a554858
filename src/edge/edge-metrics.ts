import type { Metrics } from '../ports/metrics.ts';
import type { Rejection } from './refusals.ts';

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Methods that nobody serves count as one, or a stranger could make a series of each name. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH']);

export interface EdgeMetrics {
  begun(): void;
  /** `route` is the pattern, never the path. */
  ended(method: string, route: string, status: number, seconds: number): void;
  rejected(reason: Rejection): void;
}

export function edgeMetrics(metrics: Metrics): EdgeMetrics {
  const labels = ['method', 'route', 'status'] as const;
  const requests = metrics.counter('mcp2_requests_total', 'Requests answered.', labels);
  const latency = metrics.histogram(
    'mcp2_request_latency_seconds',
    'Seconds from the head of a request to the end of its answer.',
    BUCKETS,
    labels,
  );
  const inFlight = metrics.gauge('mcp2_requests_in_flight', 'Requests that have no answer yet.');
  const rejections = metrics.counter('mcp2_rejected_total', 'Requests that were turned away, by reason.', ['reason']);
  let open = 0;
  inFlight.set(0);
  return {
    begun: () => inFlight.set((open += 1)),
    ended(method, route, status, seconds) {
      inFlight.set((open -= 1));
      const values = { method: METHODS.has(method) ? method : 'other', route, status: String(status) };
      requests.inc(1, values);
      latency.observe(seconds, values);
    },
    rejected: (reason) => rejections.inc(1, { reason }),
  };
}
