import type { ErrorList } from './spec.ts';

/** What helps, by what Redis answered; nothing where that is not known. */
function redisAdvice(reason: string): string {
  if (/^(NOAUTH|WRONGPASS|NOPERM|ERR (AUTH|Client sent AUTH|invalid password))/.test(reason))
    return '; check the user, password and ACL in REDIS_URL';
  if (reason.startsWith('WRONGTYPE')) return '; something else has a key of that name: delete or rename it';
  if (/^ERR unknown (sub)?command/i.test(reason)) return '; Pulse needs Redis 6.2 or later';
  return '';
}

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
    cause: 'a key that Pulse reads or writes holds another type; Pulse does not delete it',
    remedy: 'rename or delete the key that the message names; what was to be written to it meanwhile is not written',
    text: (e) =>
      `Redis holds another type of key than Pulse keeps there under ${(e.keys as readonly string[]).join(', ')}`,
  },
  'redis.full': {
    retry: true,
    exit: 69,
    cause: 'Redis answers, but takes no writes: its memory is used up (OOM), or it cannot save to its disk (MISCONF)',
    remedy:
      'OOM: raise `maxmemory`, or keep streams shorter; MISCONF: look at the log of Redis, usually its disk is full',
    text: (e) =>
      `Redis at ${e.at} takes no writes: ${e.reason}; give it memory (maxmemory) or room on its disk, as it says`,
  },
  'redis.busy': {
    retry: true,
    exit: 69,
    cause:
      'Redis answers, but cannot do it now: it loads its data, runs a script, is a replica, or has too few replicas',
    remedy: 'nothing: Pulse tries again; if it lasts, the message says what Redis waits for',
    text: (e) => `Redis at ${e.at} answers, but does not do ${e.command} now: ${e.reason}`,
  },
  'redis.refused': {
    retry: false,
    exit: 77,
    cause:
      'Redis refused a command: wrong password, missing ACL permission, wrong type of key, a command that this version lacks',
    remedy: 'the message quotes Redis: correct what it names',
    text: (e) =>
      `Redis at ${e.at} refused ${e.command}: ${e.reason}${redisAdvice(String(e.reason))}${e.needs === undefined ? '' : ` (needed: ${e.needs})`}`,
  },
} as const satisfies ErrorList;
