import type { Metrics } from '../../../ports/metrics.ts';

export type GuidanceMetrics = ReturnType<typeof guidanceMetrics>;

export const guidanceMetrics = (metrics: Metrics) => ({
  answers: metrics.counter('pulse_mcp2_guidance_answers_total', 'Answers given, by endpoint and by what made them.', [
    'endpoint',
    'by',
  ]),
  nudges: metrics.counter('pulse_mcp2_guidance_nudges_total', 'Nudges that fired.', ['nudge']),
  missing: metrics.counter(
    'pulse_mcp2_guidance_inputs_missing_total',
    'Times that an input of guidance could not be read, so that it was said to be unknown.',
    ['input'],
  ),
  unstored: metrics.counter(
    'pulse_mcp2_guidance_unstored_total',
    'Answers that were given and could not be stored: they cannot be replayed.',
  ),
});
