import type { Endpoint } from '../../../../edge/endpoint.ts';
import { healthOf, metricsPath, type ProcessSubject, readinessOf } from '../../../../edge/process-paths.ts';
import { health, readiness } from '../answers.ts';
import { endpoint } from '../endpoint.ts';

/** `isOpen`: no key is set, so that /health need hide nothing. */
export const processRoutes = (subject: ProcessSubject, isOpen: boolean): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/health',
    access: 'everybody',
    tag: 'Process',
    summary: 'Whether the process is alive',
    limit: 'none',
    answers: { 200: { about: 'Alive; to strangers, where keys are set, nothing more', schema: health } },
    run: () => (isOpen ? healthOf(subject) : { status: 'ok' }),
  }),
  endpoint({
    method: 'GET',
    path: '/ready',
    access: 'any-key',
    tag: 'Process',
    summary: 'Whether every engine can be worked with',
    limit: 'none',
    answers: {
      200: { about: 'All can', schema: readiness },
      503: { about: 'One cannot: its detail says why', schema: readiness },
    },
    run: (_input, { reply }) => readinessOf(subject, reply),
  }),
  metricsPath(subject),
];
