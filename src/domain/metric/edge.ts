import type { MetricSpec } from './spec.ts';

/** What HTTP listeners count. */
export const edgeMetrics = {
  mcp2_audit_written_total: { type: 'counter', labels: [], help: 'Entries of the audit in the record log.' },
  mcp2_audit_dropped_total: { type: 'counter', labels: [], help: 'Entries of the audit that could not be written.' },
  mcp2_requests_total: { type: 'counter', labels: ['method', 'route', 'status'], help: 'Requests answered.' },
  mcp2_request_latency_seconds: {
    type: 'histogram',
    labels: ['method', 'route', 'status'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    help: 'Seconds from the head of a request to the end of its answer.',
  },
  mcp2_requests_in_flight: { type: 'gauge', labels: [], help: 'Requests that have no answer yet.' },
  mcp2_rejected_total: { type: 'counter', labels: ['reason'], help: 'Requests refused, by reason.' },
} as const satisfies Record<string, MetricSpec>;
