import type { Metrics } from '../../../ports/metrics.ts';

export type ChainMetrics = ReturnType<typeof chainMetrics>;

export const chainMetrics = (metrics: Metrics) => ({
  calls: metrics.counter('pulse_mcp2_model_calls_total'),
  seconds: metrics.histogram('pulse_mcp2_model_latency_seconds'),
  retries: metrics.counter('pulse_mcp2_model_retries_total'),
  tokens: metrics.counter('pulse_mcp2_model_tokens_total'),
  cost: metrics.counter('pulse_mcp2_model_cost_usd_total'),
  unwritten: metrics.counter('pulse_mcp2_model_spending_unwritten_total'),
});
