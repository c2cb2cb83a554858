import { PulseError } from '../../../src/domain/errors/errors.ts';
import type { HeldLease, Lease, LeaseNote } from '../../../src/ports/lease.ts';
import type { Life } from '../life.ts';
import type { RedisServer, StoredLease } from './redis-server.ts';

/** The leases of the simulated Redis, as one process uses them. */
export function simulatedLease(server: RedisServer, life: Life): Lease {
  let closed = false;
  const { scheduler } = life.nature;
  const ask = <T>(label: string, effect: () => T): Promise<T> =>
    closed
      ? Promise.reject(new PulseError('redis.unavailable', { at: 'redis', reason: 'closed' }))
      : life.call(server, label, effect);
  const isFree = ({ holder, until }: StoredLease): boolean => holder === null || until <= scheduler.now;
  const noteOf = ({ note }: StoredLease): LeaseNote | null =>
    note === null ? null : { text: note.text, ageMs: scheduler.now - note.at };
  const held = (name: string, holder: string, epoch: number): StoredLease | null => {
    const lease = server.leases.get(name);
    return lease !== undefined && !isFree(lease) && lease.holder === holder && lease.epoch === epoch ? lease : null;
  };
  return {
    acquire: (name, holder, { ttlMs, floor }) =>
      ask('lease acquire', () => {
        const lease = server.leases.get(name) ?? { epoch: 0, holder: null, note: null, until: 0 };
        server.leases.set(name, lease);
        if (!isFree(lease) && lease.holder !== holder)
          return { heldBy: lease.holder!, note: noteOf(lease), expiresInMs: lease.until - scheduler.now };
        const epoch = Math.max(lease.epoch + 1, floor + 1, server.now);
        Object.assign(lease, { epoch, holder, until: scheduler.now + ttlMs });
        return { epoch, note: noteOf(lease) };
      }),
    renew: (name, holder, epoch, { ttlMs, note }) =>
      ask('lease renew', () => {
        const lease = held(name, holder, epoch);
        if (lease === null) return false;
        lease.until = scheduler.now + ttlMs;
        if (note !== null) lease.note = { text: note, at: scheduler.now };
        return true;
      }),
    release: (name, holder, epoch) =>
      ask('lease release', () => {
        const lease = held(name, holder, epoch);
        if (lease !== null) lease.holder = null;
      }),
    current: (name) =>
      ask('lease current', (): HeldLease | null => {
        const lease = server.leases.get(name);
        if (lease === undefined || isFree(lease)) return null;
        return {
          holder: lease.holder!,
          epoch: lease.epoch,
          note: noteOf(lease),
          expiresInMs: lease.until - scheduler.now,
        };
      }),
    ping: () => ask('PING', () => undefined),
    async close() {
      closed = true;
    },
  };
}
