import type { LabelsOf, MetricName, MetricOf } from '../domain/metric/metric.ts';

/** The labels of a metric, where it has some. */
type Labels<N extends MetricName> = keyof LabelsOf<N> extends never ? [] : [labels: LabelsOf<N>];

export interface Counter<N extends MetricName> {
  /** Adds `by` (≥ 0). */
  inc(...values: keyof LabelsOf<N> extends never ? [by?: number] : [by: number, labels: LabelsOf<N>]): void;
}

export interface Gauge<N extends MetricName> {
  set(value: number, ...labels: Labels<N>): void;
  remove(labels: LabelsOf<N>): void;
}

export interface Histogram<N extends MetricName> {
  observe(value: number, ...labels: Labels<N>): void;
}

/** Counts and gauges, exported as Prometheus text. What there is, with labels and help, is declared in `domain/metric`. */
export interface Metrics {
  counter<N extends MetricOf<'counter'>>(name: N): Counter<N>;
  gauge<N extends MetricOf<'gauge'>>(name: N): Gauge<N>;
  histogram<N extends MetricOf<'histogram'>>(name: N): Histogram<N>;
}
