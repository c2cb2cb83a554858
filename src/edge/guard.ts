import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, limitedAs } from '../ports/caller.ts';
import type { Clock } from '../ports/clock.ts';
import type { Audit } from './audit.ts';
import { type Authenticate, checkScope, type KeyNames, noKey } from './auth.ts';
import type { EdgeMetrics } from './edge-metrics.ts';
import type { Access, LimitClass } from './endpoint.ts';
import { type originCheck, securityHeaders } from './hosts-and-origins.ts';
import { answerError, type ErrorNeeds } from './refusals.ts';
import { noRoute, type RouteTable } from './routing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the hook that checks the key. */
    caller: Caller;
    /** When it came, by the monotonic clock. */
    begun: number;
    /** What was written or asked for, for the audit. */
    subjectId: string | null;
    /** Whether its answer is known. */
    answered: boolean;
  }
  interface FastifyContextConfig {
    readonly access?: Access;
    readonly limit?: LimitClass;
    readonly audit?: string;
    /** Browsers may send the key as the password of HTTP Basic: for pages that people open. */
    readonly basic?: boolean;
  }
}

/** What stands before every route. */
export interface Gate {
  readonly table: RouteTable;
  readonly checkHost: (header: string | undefined) => void;
  readonly checkOrigin: ReturnType<typeof originCheck>;
  readonly callerOf: Authenticate;
  readonly names: KeyNames;
  /** Whether /docs shows what there is. */
  readonly hasDocs: boolean;
  readonly limits: Readonly<Record<LimitClass, (caller: string) => void>>;
  readonly metrics: EdgeMetrics;
  /** null: nothing is audited. */
  readonly audit: Audit | null;
  readonly clock: Clock;
  readonly failing: ErrorNeeds;
}

const STRANGER: Caller = Object.freeze({ name: '', scopes: [] });

const pathOf = (url: string): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/** Checks each request before its body is read: host, origin, key, route, scope, rate. */
export function guard(server: FastifyInstance, gate: Gate): void {
  const { metrics, clock, failing } = gate;
  // Fastify shares no objects between requests: the first hook sets it.
  server.decorateRequest('caller', null as unknown as Caller);
  server.decorateRequest('begun', 0);
  server.decorateRequest('subjectId', null);
  server.decorateRequest('answered', false);
  server.setNotFoundHandler((request, reply) => answerError(missing(request, gate), reply, failing));
  server.addHook('onRequest', (request, reply, done) => {
    request.begun = clock.monotonic();
    request.caller = STRANGER;
    metrics.begun();
    // Not `onResponse`: it does not come where the client goes away before its answer is out.
    reply.raw.once('close', () => {
      if (request.answered) ended(request, reply, gate);
    });
    for (const [name, value] of securityHeaders) reply.raw.setHeader(name, value);
    try {
      if (!admit(request, reply, gate)) done();
    } catch (error) {
      done(error as Error);
    }
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    request.answered = true;
    // There will be no `close`: it has been.
    if (reply.raw.destroyed) ended(request, reply, gate);
    done(null, payload);
  });
}

/** Counts the request and writes its audit: once its answer is out, or cannot get out any more. What was written is written though nobody waits. */
function ended(request: FastifyRequest, reply: FastifyReply, { table, metrics, clock, audit }: Gate): void {
  const route = request.is404 ? (table.find(pathOf(request.url)) ?? 'none') : (request.routeOptions.url ?? 'none');
  metrics.ended(request.method, route, reply.statusCode, (clock.monotonic() - request.begun) / 1_000);
  const action = request.routeOptions.config.audit;
  if (action !== undefined)
    audit?.write({
      action,
      by: request.caller === STRANGER ? null : request.caller.name,
      id: request.subjectId,
      status: reply.statusCode,
      from: request.ip,
    });
}

/** Answers whether the request has its answer already; throws where it is refused. */
function admit(request: FastifyRequest, reply: FastifyReply, gate: Gate): boolean {
  const { access, limit = 'general', basic = false } = request.routeOptions.config;
  gate.checkHost(request.headers.host);
  // What is mounted speaks protocols in which reads do things.
  if (gate.checkOrigin(request, reply, access === undefined && !request.is404)) return true;
  if (access === 'everybody') return false;
  const caller = gate.callerOf(request, basic);
  if (caller === null) {
    gate.limits.general(request.ip);
    throw noKey(request, basic, gate.names);
  }
  request.caller = { ...caller, address: request.ip };
  if (request.is404) return answerWithout(request, reply, gate);
  checkScope(caller, access ?? 'any-key');
  if (limit === 'none') return false;
  const name = limitedAs(request.caller);
  gate.limits.general(name);
  if (limit === 'llm') gate.limits.llm(name);
  return false;
}

const missing = (request: FastifyRequest, { table, hasDocs }: Gate): Error => {
  const path = pathOf(request.url);
  return noRoute(request.method, path, table.find(path), { table, hasDocs });
};

/** There is no route: its body, whatever it is, is not read. */
function answerWithout(request: FastifyRequest, reply: FastifyReply, gate: Gate): boolean {
  const pattern = gate.table.find(pathOf(request.url));
  if (request.method !== 'OPTIONS' || pattern === null) throw missing(request, gate);
  reply.code(204).header('allow', gate.table.allow(pattern)).send();
  return true;
}
