import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type Caller, scopes } from '../ports/caller.ts';
import type { Access } from './endpoint.ts';
import { Refusal } from './refusals.ts';

/** A key that may be used; the key itself is not kept. */
export interface ApiKey {
  readonly name: string;
  readonly scopes: Caller['scopes'];
  /** SHA-256 of the key, in hexadecimal digits. */
  readonly sha256: string;
}

const ANONYMOUS: Caller = Object.freeze({ name: 'anonymous', scopes });

/** Tells who calls: null where a key is needed and none, or a wrong one, was given. */
export type Authenticate = (request: FastifyRequest, basicToo: boolean) => Caller | null;

const BEARER = /^Bearer +(\S+)$/i;
const BASIC = /^Basic +([A-Za-z0-9+/=]+)$/i;

function presentedKey({ headers }: FastifyRequest, basicToo: boolean): string | null {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  const { authorization = '' } = headers;
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer !== undefined || !basicToo) return bearer ?? null;
  const pair = BASIC.exec(authorization)?.[1];
  return pair === undefined
    ? null
    : Buffer.from(pair, 'base64')
        .toString()
        .replace(/^[^:]*:/, '');
}

/**
 * Compares digests, each with each, whichever fits: the time tells neither how much of a key was right nor whose it is.
 * With no keys everybody is `anonymous` and may do everything.
 */
export function authenticate(keys: readonly ApiKey[]): Authenticate {
  if (keys.length === 0) return () => ANONYMOUS;
  const known = keys.map(({ name, scopes: allowed, sha256 }) => ({
    digest: Buffer.from(sha256, 'hex'),
    caller: Object.freeze({ name, scopes: allowed }),
  }));
  return (request, basicToo) => {
    const key = presentedKey(request, basicToo);
    if (key === null) return null;
    const digest = hash('sha256', key, 'buffer');
    let found: Caller | null = null;
    for (const { digest: wanted, caller } of known) if (timingSafeEqual(digest, wanted)) found = caller;
    return found;
  };
}

/** Browsers ask for a key by themselves only where Basic is offered: on the pages that people open. */
export function noKey(request: FastifyRequest, basicToo: boolean): Refusal {
  const text = presentedKey(request, basicToo)
    ? 'the API key is none of those that MCP2_API_KEY of this server holds'
    : 'send an API key as "X-API-Key: <key>" or "Authorization: Bearer <key>"';
  return new Refusal(401, 'key', text, {
    'www-authenticate': basicToo ? 'Basic realm="mcp2, API key as the password"' : 'Bearer',
  });
}

/** Throws a 403 where the caller's key does not allow it. */
export function checkScope(caller: Caller, access: Access): void {
  if (access === 'any-key' || access === 'everybody' || caller.scopes.includes(access)) return;
  throw new Refusal(403, 'scope', `the key "${caller.name}" lacks the scope "${access}"`);
}
