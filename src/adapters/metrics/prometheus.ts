import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';

export interface PrometheusMetrics extends Metrics {
  /** All metrics in Prometheus' text format, those of the process included (CPU, memory, event loop lag, garbage collection). */
  text(): Promise<string>;
  readonly contentType: string;
}

/**
 * Metrics in a registry of their own. Asking twice for one name gives the same metric, so that a service that is started again counts on.
 * `process: false` leaves out the figures of the process.
 */
export function prometheusMetrics({ process = true }: { process?: boolean } = {}): PrometheusMetrics {
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry });
  const made = new Map<string, Counter | Gauge | Histogram>();
  const once = <M extends Counter | Gauge | Histogram>(name: string, make: () => M): M => {
    const known = made.get(name) ?? make();
    made.set(name, known);
    return known as M;
  };
  return {
    counter(name, help, labels = []) {
      const counter = once(name, () => new Counter({ name, help, labelNames: [...labels], registers: [registry] }));
      return { inc: (by = 1, values) => (values === undefined ? counter.inc(by) : counter.inc({ ...values }, by)) };
    },
    gauge(name, help, labels = []) {
      const gauge = once(name, () => new Gauge({ name, help, labelNames: [...labels], registers: [registry] }));
      return {
        set: (value, values) => (values === undefined ? gauge.set(value) : gauge.set({ ...values }, value)),
        remove: (values) => gauge.remove({ ...values }),
      };
    },
    histogram(name, help, buckets, labels = []) {
      const histogram = once(
        name,
        () => new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers: [registry] }),
      );
      return {
        observe: (value, values) =>
          values === undefined ? histogram.observe(value) : histogram.observe({ ...values }, value),
      };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
