import type { Metrics } from '../../ports/metrics.ts';

export type EnrichmentMetrics = ReturnType<typeof enrichmentMetrics>;

export const enrichmentMetrics = (metrics: Metrics) => {
  const states = metrics.counter('pulse_enrichment_state_failures_total');
  const early = metrics.counter('pulse_enrichment_early_failures_total');
  return {
    entries: metrics.counter('pulse_enrichment_entries_total'),
    rows: metrics.counter('pulse_enrichment_rows_total'),
    dead: metrics.counter('pulse_enrichment_dead_letters_total'),
    trimmed: metrics.counter('pulse_enrichment_trimmed_total'),
    skipped: metrics.counter('pulse_enrichment_skipped_total'),
    seconds: metrics.histogram('pulse_enrichment_batch_seconds'),
    lag: metrics.gauge('pulse_enrichment_lag_seconds'),
    stateFailed: (): void => states.inc(),
    earlyFailed: (): void => early.inc(),
  };
};
