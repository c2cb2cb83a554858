import type { Metrics } from '../../../ports/metrics.ts';

export type ChainMetrics = ReturnType<typeof chainMetrics>;

export const chainMetrics = (metrics: Metrics) => ({
  calls: metrics.counter(
    'pulse_mcp2_model_calls_total',
    'Models that were asked, by outcome: answer, or the code of the error.',
    ['model', 'outcome'],
  ),
  seconds: metrics.histogram(
    'pulse_mcp2_model_latency_seconds',
    'Until a model gave an answer or was given up, its tries and waits together.',
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120],
    ['model'],
  ),
  retries: metrics.counter('pulse_mcp2_model_retries_total', 'Tries after the first.', ['model']),
  tokens: metrics.counter('pulse_mcp2_model_tokens_total', 'Tokens, as the providers count them.', [
    'model',
    'direction',
  ]),
  cost: metrics.counter(
    'pulse_mcp2_model_cost_usd_total',
    'US dollars by the prices of the registry; what was given up counts with the most that it can have cost.',
    ['model'],
  ),
  unwritten: metrics.counter(
    'pulse_mcp2_model_spending_unwritten_total',
    'Times that a cost could not be stored; it counts in this process, and is written with the next.',
    ['model'],
  ),
});
