import type { MetricName } from '../domain/metric/metric.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Rejection } from './refusals.ts';

/** Methods that nobody serves count as one, or a stranger could make a series of each name. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH']);

type ListenerOf<N> = N extends `${infer L}_requests_in_flight` ? L : never;
/** Listeners whose metrics are declared in `domain/metric/edge.ts`; their names begin with the listener's. */
export type CountedListener = ListenerOf<MetricName>;

export interface EdgeMetrics {
  begun(): void;
  /** `route` is the pattern, never the path. */
  ended(method: string, route: string, status: number, seconds: number): void;
  rejected(reason: Rejection): void;
}

/** Of a listener whose requests are not counted. */
export const uncounted: EdgeMetrics = {
  begun: () => undefined,
  ended: () => undefined,
  rejected: () => undefined,
};

export function edgeMetrics(metrics: Metrics, of: CountedListener): EdgeMetrics {
  const requests = metrics.counter(`${of}_requests_total`);
  const latency = metrics.histogram(`${of}_request_latency_seconds`);
  const inFlight = metrics.gauge(`${of}_requests_in_flight`);
  const rejections = metrics.counter(`${of}_rejected_total`);
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
