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
  'redis.occupied': {
    retry: false,
    exit: null,
    cause: 'a key that Pulse reads or writes holds another type, which is not for Pulse to delete',
    remedy: 'rename or delete the key that the message names; what was to be written to it meanwhile is not written',
    text: (e) =>
      `Redis holds another type of key than Pulse keeps there under ${(e.keys as readonly string[]).join(', ')}`,
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
