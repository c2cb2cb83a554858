import type { FastifyReply } from 'fastify';
import { type Endpoint, endpoint } from './endpoint.ts';

/** How a part of a process is. */
export interface PartReport {
  readonly ready: boolean;
  readonly state: string;
  readonly detail: string;
  readonly figures: Readonly<Record<string, number | string>>;
}

/** A process that is asked how it is. */
export interface ProcessSubject {
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** Facts of the process for /health. */
  about(): Readonly<Record<string, unknown>>;
  services(): Readonly<Record<string, PartReport>>;
}

const mapped = <T>(parts: Readonly<Record<string, PartReport>>, tell: (part: PartReport) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, tell(part)]));

/** What /health tells to those who may know. */
export const healthOf = (subject: ProcessSubject) => ({
  status: 'ok',
  ...subject.about(),
  services: mapped(subject.services(), ({ state, figures }) => ({ state, ...figures })),
});

/** What /ready answers: 503 where a part cannot work. */
export function readinessOf(subject: ProcessSubject, reply: FastifyReply) {
  const services = subject.services();
  const ready = Object.values(services).every((part) => part.ready);
  reply.code(ready ? 200 : 503);
  return { ready, services: mapped(services, ({ ready, state, detail }) => ({ ready, state, detail })) };
}

/** /metrics, for holders of any key. */
export const metricsPath = (subject: ProcessSubject): Endpoint =>
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
  });
