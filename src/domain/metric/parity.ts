import type { MetricSpec } from './spec.ts';

/** Reconcile. */
export const parityMetrics = {
  pulse_parity_percent: {
    type: 'gauge',
    labels: ['symbol'],
    help: 'Parity of the session reconciled last, by symbol.',
  },
  pulse_parity_mismatches_total: {
    type: 'counter',
    labels: ['symbol', 'cause'],
    help: 'Bars that differ, by symbol and cause.',
  },
  pulse_reconcile_seconds: { type: 'gauge', labels: [], help: 'How long the last run took.' },
} as const satisfies Record<string, MetricSpec>;
