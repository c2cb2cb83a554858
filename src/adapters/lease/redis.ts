import { PulseError } from '../../domain/errors/errors.ts';
import type { Lease, LeaseNote } from '../../ports/lease.ts';
import { RedisConnection, type RedisOptions } from '../redis/connection.ts';
import { type Reply, runScript, type Script } from '../redis/script.ts';
import { acquireScript, currentScript, releaseScript, renewScript } from './redis-scripts.ts';

/** What a user needs whose rights are narrowed by an ACL. */
const NEEDS = '+eval +evalsha +hmget +hset +get +set +del +pttl +pexpire +time ~pulse:lease:*';
/** Of the time that a lease lasts, what an answer may take: then a second attempt is in time. */
const SHARE = 3;
/** For calls that hold nothing. */
const LOOK_MS = 3_000;

type Text = Buffer | null;

/**
 * Leases on a Redis server. It may lose one: a replica that is promoted may not have it, a full server may evict it (`maxmemory-policy`
 * other than `noeviction`), FLUSHALL takes it. Then two believe to hold it, for as long as one lasts; their epochs differ all the same.
 */
export function redisLease(options: RedisOptions): Lease {
  const connection = new RedisConnection(options);
  async function run<T extends Reply>(
    script: Script,
    name: string,
    args: readonly string[],
    timeoutMs: number,
  ): Promise<T> {
    try {
      return await runScript<T>(connection, script, keysOf(name), args, timeoutMs);
    } catch (error) {
      if (!(error instanceof PulseError && error.code === 'redis.refused')) throw error;
      throw new PulseError('redis.refused', { ...error.evidence, needs: NEEDS }, { cause: error });
    }
  }
  return {
    async acquire(name, holder, { ttlMs, floor }) {
      const [epoch, heldBy, left, text, age] = await run<[number, Text, number, Text, number]>(
        acquireScript,
        name,
        [holder, wholeMs(ttlMs), String(floor)],
        ttlMs / SHARE,
      );
      const note = noteOf(text, age);
      return epoch > 0 ? { epoch, note } : { heldBy: String(heldBy), note, expiresInMs: left };
    },
    async renew(name, holder, epoch, { ttlMs, note }) {
      const args = [holder, String(epoch), wholeMs(ttlMs), ...(note === null ? [] : [note])];
      return (await run<number>(renewScript, name, args, ttlMs / SHARE)) === 1;
    },
    async release(name, holder, epoch) {
      await run<number>(releaseScript, name, [holder, String(epoch)], LOOK_MS);
    },
    async current(name) {
      const reply = await run<[Text, Text, number, Text, number] | []>(currentScript, name, [], LOOK_MS);
      const [holder, epoch, left = 0, text = null, age = 0] = reply;
      return holder === undefined || holder === null
        ? null
        : { holder: holder.toString(), epoch: Number(epoch), note: noteOf(text, age), expiresInMs: left };
    },
    async ping() {
      await connection.run('PING', (client) => client.ping());
    },
    close: () => connection.close(),
  };
}

const noteOf = (text: Text, ageMs: number): LeaseNote | null =>
  text === null ? null : { text: text.toString(), ageMs };

const wholeMs = (ms: number): string => String(Math.ceil(ms));

/** The keys of a lease. The braces keep them together on a cluster, so none may stand in the name itself. */
function keysOf(name: string): readonly string[] {
  const key = `pulse:lease:{${name.replaceAll(/[%{}]/g, encodeURIComponent)}}`;
  return [key, `${key}:epoch`, `${key}:note`];
}
