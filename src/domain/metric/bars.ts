import type { MetricSpec } from './spec.ts';

/** Partitions with a gauge of their own: thousands of symbols must not make thousands of series. */
export const LAG_GAUGES = 100;

/** Both bar services. */
export const barsMetrics = {
  pulse_bars_lag_records: {
    type: 'gauge',
    labels: ['topic', 'partition'],
    help: `Records between what was read and the end, for the ${LAG_GAUGES} partitions that are furthest behind.`,
  },
  pulse_bars_lag_total_records: {
    type: 'gauge',
    labels: [],
    help: 'Records between what was read and the end, over all partitions.',
  },
  pulse_bars_ticks_total: {
    type: 'counter',
    labels: ['side', 'outcome'],
    help: 'Ticks read, by outcome.',
  },
  pulse_bars_flagged_ticks_total: {
    type: 'counter',
    labels: ['side', 'flag'],
    help: 'Quotes that were kept though crossed or locked.',
  },
  pulse_bars_written_total: {
    type: 'counter',
    labels: ['side', 'tf', 'kind'],
    help: 'Bars written; corrections are counted separately.',
  },
  pulse_bars_rejected_total: {
    type: 'counter',
    labels: ['side', 'reason'],
    help: 'Ticks that could not be used, by reason.',
  },
  pulse_bars_refused_total: { type: 'counter', labels: ['side'], help: 'Bars whose topic the log refuses.' },
  pulse_bars_left_out_ticks_total: {
    type: 'counter',
    labels: ['side', 'reason'],
    help: 'Records that another mirror wrote, too: of an older epoch, or repeated by a newer one.',
  },
  pulse_bars_open: { type: 'gauge', labels: ['side'], help: 'Open minutes.' },
  pulse_bars_tape_losses_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'How often ticks were gone from the log before they were taken, or their topic was made anew.',
  },
  pulse_bars_truncated_records_total: {
    type: 'counter',
    labels: [],
    help: 'Records that retention, or an operator, dropped before they were taken.',
  },
} as const satisfies Record<string, MetricSpec>;
