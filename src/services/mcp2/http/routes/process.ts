import type { Endpoint } from '../../../../edge/endpoint.ts';
import { health, readiness } from '../answers.ts';
import { endpoint } from '../endpoint.ts';

/** How a part of the process is. */
export interface PartReport {
  readonly ready: boolean;
  readonly state: string;
  readonly detail: string;
  readonly figures: Readonly<Record<string, number | string>>;
}

/** The process that is asked. */
export interface Subject {
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** Facts of the process. */
  about(): Readonly<Record<string, unknown>>;
  services(): Readonly<Record<string, PartReport>>;
}

/** `isOpen`: no key is set, so that /health need hide nothing. */
export const processRoutes = (subject: Subject, isOpen: boolean): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/health',
    access: 'everybody',
    tag: 'Process',
    summary: 'Whether the process is alive',
    limit: 'none',
    answers: { 200: { about: 'Alive; to strangers, where keys are set, nothing more', schema: health } },
    run() {
      if (!isOpen) return { status: 'ok' };
      const services = Object.entries(subject.services());
      return {
        status: 'ok',
        ...subject.about(),
        services: Object.fromEntries(services.map(([name, { state, figures }]) => [name, { state, ...figures }])),
      };
    },
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
    run(_input, { reply }) {
      const reports = Object.entries(subject.services());
      const ready = reports.every(([, report]) => report.ready);
      reply.code(ready ? 200 : 503);
      return {
        ready,
        services: Object.fromEntries(
          reports.map(([name, report]) => [name, { ready: report.ready, state: report.state, detail: report.detail }]),
        ),
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/metrics',
    access: 'any-key',
    tag: 'Process',
    summary: 'Metrics for Prometheus',
    limit: 'none',
    answers: { 200: { about: "Prometheus' text format", type: 'text/plain' } },
    async run(_input, { reply }) {
      reply.type(subject.metrics.contentType);
      return subject.metrics.text();
    },
  }),
];
