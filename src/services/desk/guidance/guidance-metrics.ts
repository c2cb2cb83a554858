import type { Metrics } from '../../../ports/metrics.ts';

export type GuidanceMetrics = ReturnType<typeof guidanceMetrics>;

export const guidanceMetrics = (metrics: Metrics) => ({
  answers: metrics.counter('pulse_mcp2_guidance_answers_total'),
  nudges: metrics.counter('pulse_mcp2_guidance_nudges_total'),
  missing: metrics.counter('pulse_mcp2_guidance_inputs_missing_total'),
  unstored: metrics.counter('pulse_mcp2_guidance_unstored_total'),
});
