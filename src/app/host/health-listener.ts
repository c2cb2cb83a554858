import { hash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { PrometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { authenticate } from '../../edge/auth.ts';
import { addressText, listenError } from '../../edge/listen-error.ts';
import { scopes } from '../../ports/caller.ts';
import type { ServiceReport } from './supervisor.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Asked for on every path but /health and /ready; null: on none. */
  readonly apiKey: string | null;
}

/** What the paths of every process tell. */
export interface HttpSubject {
  readonly metrics: PrometheusMetrics;
  /** Facts of the process for /health. */
  about(): Readonly<Record<string, unknown>>;
  services(): Readonly<Record<string, ServiceReport>>;
}

/** Adds a process's own paths. */
export type Routes = (server: FastifyInstance) => void;

/** The settings of where it listens, as errors name them. */
export const listenSettings = { host: '--host (PULSE_HOST)', port: '--port (PULSE_PORT)' };

const OPEN = new Set(['/health', '/ready']);

export interface HttpServer {
  /** `http://host:port`, with the port that was really taken. */
  readonly address: string;
  close(): Promise<void>;
}

/** Listens for as long as services run, and tells of them. Rejects with what kept it from listening. */
export type Listener = (subject: HttpSubject) => Promise<HttpServer>;

/** Listens, with /health, /ready and /metrics. Rejects with `host.port-in-use` or `host.address`. */
export async function httpServer(
  subject: HttpSubject,
  { host, port, apiKey }: HttpOptions,
  routes: Routes = () => undefined,
): Promise<HttpServer> {
  const server = fastify({ forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } });
  if (apiKey !== null) server.addHook('onRequest', keyCheck(apiKey));
  server.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: 'not-found', message: `there is no ${request.method} ${request.url}` }),
  );
  server.setErrorHandler((error, _request, reply) => answerError(error, reply));
  server.get('/health', () => {
    const services = Object.fromEntries(
      Object.entries(subject.services()).map(([name, { state, figures }]) => [name, { state, ...figures }]),
    );
    return { status: 'ok', ...subject.about(), services };
  });
  server.get('/ready', (_request, reply) => {
    const reports = Object.entries(subject.services());
    const ready = reports.every(([, report]) => report.ready);
    const services = Object.fromEntries(
      reports.map(([name, report]) => [name, { ready: report.ready, state: report.state, detail: report.detail }]),
    );
    return reply.code(ready ? 200 : 503).send({ ready, services });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type(subject.metrics.contentType).send(await subject.metrics.text()),
  );
  routes(server);
  try {
    await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    throw listenError(cause as Error, { host, port, settings: listenSettings });
  }
  const { port: taken } = server.server.address() as AddressInfo;
  return {
    address: addressText(host, taken),
    close: () => server.close(),
  };
}

function keyCheck(apiKey: string) {
  const callerOf = authenticate([{ name: 'PULSE_API_KEY', scopes, sha256: hash('sha256', apiKey) }]);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (OPEN.has(request.routeOptions.url ?? '') || callerOf(request, false) !== null) return;
    return reply.code(401).header('www-authenticate', 'Bearer').send({
      error: 'unauthorized',
      message: 'send the API key as "Authorization: Bearer <key>" or "X-API-Key: <key>"',
    });
  };
}

function answerError(error: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof PulseError)
    return reply.code(error.retry ? 503 : 422).send({ error: error.code, message: error.message });
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  return reply.code(statusCode).send({
    error: statusCode < 500 ? 'bad-request' : 'internal',
    message: statusCode < 500 ? message : 'internal error',
  });
}
