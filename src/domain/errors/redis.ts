import type { ErrorList } from './spec.ts';

/** Errors of pub/sub and entry streams (Redis, or their embedded forms). */
export const redisErrors = {
  'redis.unavailable': {
    retry: true,
    exit: 69,
    cause: 'Redis, or the embedded stream store, does not answer',
    remedy: 'set REDIS_URL to a reachable server, or run `pulse up` to use the embedded engines',
    text: (e) =>
      `cannot reach Redis at ${e.at}: ${e.reason}; set ${e.variable ?? 'REDIS_URL'}, or run \`pulse up\` to use the embedded engines`,
  },
  'redis.refused': {
    retry: false,
    exit: 77,
    cause: 'Redis refused a command: wrong password, missing ACL permission, wrong type of key',
    remedy: 'check the user and password in REDIS_URL and the ACL of that user',
    text: (e) =>
      `Redis at ${e.at} refused ${e.command}: ${e.reason}; check the user, password and ACL in REDIS_URL${e.needs === undefined ? '' : ` (needed: ${e.needs})`}`,
  },
} as const satisfies ErrorList;
