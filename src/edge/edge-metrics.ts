import type { Metrics } from '../ports/metrics.ts';
import type { Rejection } from './refusals.ts';

/** Methods that nobody serves count as one, or a stranger could make a series of each name. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH']);

export interface EdgeMetrics {
  begun(): void;
  /** `route` is the pattern, never the path. */
  ended(method: string, route: string, status: number, seconds: number): void;
  rejected(reason: Rejection): void;
}

export function edgeMetrics(metrics: Metrics): EdgeMetrics {
  const requests = metrics.counter('mcp2_requests_total');
  const latency = metrics.histogram('mcp2_request_latency_seconds');
  const inFlight = metrics.gauge('mcp2_requests_in_flight');
  const rejections = metrics.counter('mcp2_rejected_total');
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
