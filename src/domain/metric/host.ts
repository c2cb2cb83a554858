import type { MetricSpec } from './spec.ts';

/** Every process, and the overseer. */
export const hostMetrics = {
  pulse_overseer_events_total: {
    type: 'counter',
    labels: ['service', 'level', 'code'],
    help: 'Messages of the topic of events.',
  },
  pulse_build_info: { type: 'gauge', labels: ['version'], help: 'Version of Pulse.' },
  pulse_service_up: { type: 'gauge', labels: ['service'], help: 'Whether the service runs.' },
  pulse_service_retries_total: {
    type: 'counter',
    labels: ['service', 'code'],
    help: 'Failed starts that a retry can fix.',
  },
  pulse_journal_events_total: { type: 'counter', labels: [], help: 'Events brought to the topic of events.' },
  pulse_journal_dropped_events_total: {
    type: 'counter',
    labels: [],
    help: 'Events that did not reach the topic: too many waited, or the log was away at the end.',
  },
} as const satisfies Record<string, MetricSpec>;
