import type { MetricSpec } from './spec.ts';

/** Enrichment, and the analyses that it publishes. */
export const enrichmentMetrics = {
  pulse_enrichment_upkeep_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Upkeep runs that failed and will be tried again.',
  },
  pulse_enrichment_state_failures_total: {
    type: 'counter',
    labels: [],
    help: 'States of enrichment that could not be stored; the next restart goes further back.',
  },
  pulse_enrichment_early_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Times that analyses of bars closed by the clock could not be stored; the next tick settles them.',
  },
  pulse_enrichment_entries_total: { type: 'counter', labels: [], help: 'Entries delivered to this worker.' },
  pulse_enrichment_rows_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Rows written: new, or known from an earlier delivery.',
  },
  pulse_enrichment_dead_letters_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Entries that went to the dead-letter stream.',
  },
  pulse_enrichment_trimmed_total: {
    type: 'counter',
    labels: [],
    help: 'Entries that the stream lost before they were acknowledged.',
  },
  pulse_enrichment_skipped_total: {
    type: 'counter',
    labels: [],
    help: 'Times that the stream lost entries before any worker received them.',
  },
  pulse_enrichment_batch_seconds: {
    type: 'histogram',
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    help: 'Seconds from a computed batch to its acknowledgement.',
  },
  pulse_enrichment_lag_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Age of the oldest entry that was taken and is not written yet, or of the newest one while more wait.',
  },
  pulse_enrichment_analyses_total: { type: 'counter', labels: [], help: 'Analyses brought to their topic.' },
  pulse_enrichment_unpublished: { type: 'gauge', labels: [], help: 'Analyses that wait for the record log.' },
} as const satisfies Record<string, MetricSpec>;
