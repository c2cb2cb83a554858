import { barsMetrics } from './bars.ts';
import { deskMetrics } from './desk.ts';
import { edgeMetrics } from './edge.ts';
import { enrichmentMetrics } from './enrichment.ts';
import { feedMetrics } from './feed.ts';
import { hostMetrics } from './host.ts';
import { mirrorMetrics } from './mirror.ts';
import { parityMetrics } from './parity.ts';

/** Every metric that Pulse exports, by area. `docs/metrics.md` is made from it and checked against it. */
export const metricAreas = {
  Feed: feedMetrics,
  Mirror: mirrorMetrics,
  Bars: barsMetrics,
  Parity: parityMetrics,
  Enrichment: enrichmentMetrics,
  Desk: deskMetrics,
  HTTP: edgeMetrics,
  'Every process': hostMetrics,
} as const;

export const metrics = {
  ...feedMetrics,
  ...mirrorMetrics,
  ...barsMetrics,
  ...parityMetrics,
  ...enrichmentMetrics,
  ...deskMetrics,
  ...edgeMetrics,
  ...hostMetrics,
} as const;

type Declared = typeof metrics;
export type MetricName = keyof Declared;

/** Names of the metrics of one type. */
export type MetricOf<T extends 'counter' | 'gauge' | 'histogram'> = {
  [N in MetricName]: Declared[N]['type'] extends T ? N : never;
}[MetricName];

/** A value for each label of a metric. */
export type LabelsOf<N extends MetricName> = { readonly [L in Declared[N]['labels'][number]]: string };
