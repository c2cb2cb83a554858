import type { Metrics } from '../../ports/metrics.ts';

export type EnrichmentMetrics = ReturnType<typeof enrichmentMetrics>;

export const enrichmentMetrics = (metrics: Metrics) => {
  const states = metrics.counter(
    'pulse_enrichment_state_failures_total',
    'States of enrichment that could not be stored; the next restart goes further back.',
  );
  const early = metrics.counter(
    'pulse_enrichment_early_failures_total',
    'Times that analyses of bars closed by the clock could not be stored; the next tick settles them.',
  );
  return {
    entries: metrics.counter('pulse_enrichment_entries_total', 'Entries delivered to this worker.'),
    rows: metrics.counter('pulse_enrichment_rows_total', 'Rows written: new, or known from an earlier delivery.', [
      'result',
    ]),
    dead: metrics.counter('pulse_enrichment_dead_letters_total', 'Entries that went to the dead-letter stream.', [
      'reason',
    ]),
    trimmed: metrics.counter(
      'pulse_enrichment_trimmed_total',
      'Entries that the stream lost before they were acknowledged.',
    ),
    skipped: metrics.counter(
      'pulse_enrichment_skipped_total',
      'Times that the stream lost entries before anyone was given them.',
    ),
    seconds: metrics.histogram(
      'pulse_enrichment_batch_seconds',
      'From a computed batch to its acknowledgement.',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    lag: metrics.gauge(
      'pulse_enrichment_lag_seconds',
      'Age of the oldest entry that was taken and is not written yet, or of the newest one while more wait.',
    ),
    stateFailed: (): void => states.inc(),
    earlyFailed: (): void => early.inc(),
  };
};
