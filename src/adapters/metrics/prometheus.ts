import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricName, metrics } from '../../domain/metric/metric.ts';
import type { Metrics } from '../../ports/metrics.ts';

type Labels = Readonly<Record<string, string>>;

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
  /** How it is declared, in the words of `prom-client`. */
  const declared = (name: MetricName) => {
    const { help, labels } = metrics[name];
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  return {
    counter(name) {
      const counter = once(name, () => new Counter(declared(name)));
      return { inc: (by = 1, labels: Labels = {}) => counter.inc(labels, by) };
    },
    gauge(name) {
      const gauge = once(name, () => new Gauge(declared(name)));
      return {
        set: (value, labels: Labels = {}) => gauge.set(labels, value),
        remove: (labels) => gauge.remove(labels),
      };
    },
    histogram(name) {
      const histogram = once(name, () => new Histogram({ ...declared(name), buckets: [...metrics[name].buckets] }));
      return { observe: (value, labels: Labels = {}) => histogram.observe(labels, value) };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
