import type { MetricSpec } from './spec.ts';

/** The mirror. */
export const mirrorMetrics = {
  pulse_mirror_ticks_total: { type: 'counter', labels: [], help: 'Ticks written to the record log.' },
  pulse_mirror_rejected_total: { type: 'counter', labels: [], help: 'Ticks that went to ticks.rejected.' },
  pulse_mirror_waiting_ticks: { type: 'gauge', labels: ['place'], help: 'Ticks that wait for the record log.' },
  pulse_mirror_gaps_total: { type: 'counter', labels: ['reason', 'status'], help: 'Gaps, by reason.' },
  pulse_mirror_filled_ticks_total: { type: 'counter', labels: [], help: 'Ticks put into gaps from Redis Streams.' },
  pulse_mirror_epoch: { type: 'gauge', labels: [], help: 'Epoch of the lease while it is held; 0 on a standby.' },
  pulse_mirror_delay_seconds: {
    type: 'histogram',
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30],
    help: 'Seconds from receiving a tick to durable in the record log.',
  },
} as const satisfies Record<string, MetricSpec>;
