import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusals.ts';

export interface HostOptions {
  /** The address that is listened on. */
  readonly host: string;
  /** Further host names, without port, by which it is reached; `any`: Host is not checked. */
  readonly allowedHosts: readonly string[] | 'any';
  /** Origins, `https://desk.example`, whose pages may call. */
  readonly corsOrigins: readonly string[];
  /** By which clients reach it, `https://desk.example`; null: by its address. */
  readonly publicUrl: string | null;
  /** Variables that hold what is allowed, for messages; null: there is none. */
  readonly allowedHostsVariable: string | null;
  readonly corsOriginsVariable: string | null;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i;

/** Host name of a Host header, in lower case and without brackets; null where it is none. */
function hostName(header: string): string | null {
  const name = HOST.exec(header)?.[1];
  return name === undefined ? null : name.toLowerCase().replace(/^\[|\]$|\.$/g, '');
}

/**
 * A page of another site can have its own name resolve to this machine, and then reads answers as its own (DNS rebinding): its name then
 * stands in Host. An address in Host cannot be rebound.
 */
export function hostCheck({
  host,
  allowedHosts,
  publicUrl,
  allowedHostsVariable,
}: HostOptions): (header: string | undefined) => void {
  if (allowedHosts === 'any') return () => undefined;
  const remedy = allowedHostsVariable === null ? '' : `; add it to ${allowedHostsVariable}`;
  const names = new Set(
    ['localhost', host, ...allowedHosts, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])].map((name) =>
      name.toLowerCase(),
    ),
  );
  // Of the same few clients, over and over.
  const seen = new Set<string>();
  return (header = '') => {
    if (seen.has(header)) return;
    const name = hostName(header);
    if (name === null) throw new Refusal(400, 'host', 'the Host header is missing or malformed');
    if (!names.has(name) && isIP(name) === 0 && !name.endsWith('.localhost'))
      throw new Refusal(403, 'host', `the host ${JSON.stringify(name)} is not allowed${remedy}`);
    if (seen.size < 100) seen.add(header);
  };
}

/** Whether the page is one that this server gave out. */
const isOwn = (origin: string, host: string | undefined): boolean =>
  origin === `http://${host}` || origin === `https://${host}`;

const ALLOWED_HEADERS =
  'authorization, content-type, idempotency-key, last-event-id, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id, x-api-key';
const EXPOSED_HEADERS = 'idempotency-replayed, mcp-session-id, retry-after, www-authenticate, x-pulse-error';

/**
 * Lets pages of the allowed origins read answers, and refuses what any other page sends: all but reads, and (`always`) reads too. Requests
 * without Origin come from no page. Answers whether the request was a preflight, which is then answered.
 */
export function originCheck({ corsOrigins, publicUrl, corsOriginsVariable }: HostOptions) {
  const remedy = corsOriginsVariable === null ? '' : `; see ${corsOriginsVariable}`;
  const allowed = new Set(
    [...corsOrigins, ...(publicUrl === null ? [] : [new URL(publicUrl).origin])].map((origin) => origin.toLowerCase()),
  );
  return (request: FastifyRequest, reply: FastifyReply, always: boolean): boolean => {
    const { origin } = request.headers;
    if (origin === undefined) return false;
    const isAllowed = allowed.has(origin.toLowerCase());
    if (!isAllowed && !isOwn(origin.toLowerCase(), request.headers.host?.toLowerCase())) {
      if (always || !SAFE.has(request.method))
        throw new Refusal(403, 'origin', `pages of ${JSON.stringify(origin)} may not call${remedy}`);
      return false;
    }
    if (!isAllowed) return false;
    reply.header('access-control-allow-origin', origin).header('vary', 'Origin');
    reply.header('access-control-expose-headers', EXPOSED_HEADERS);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
    reply.header('access-control-allow-methods', 'GET, POST, DELETE');
    reply.header('access-control-allow-headers', ALLOWED_HEADERS).header('access-control-max-age', '600');
    reply.code(204).send();
    return true;
  };
}

/** Nothing that is answered is a page, save /docs, which sets its own policy. */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cache-control', 'no-store'],
];
