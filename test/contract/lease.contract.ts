import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: a lease ends by time
import { expect } from 'vitest';
import type { Acquired, Lease } from '../../src/ports/lease.ts';
import { contract } from './contract.ts';

const LONG = { ttlMs: 60_000, floor: 0 };
const SHORT_MS = 300;

function epochOf(acquired: Acquired): number {
  if (!('epoch' in acquired)) throw new Error(`${acquired.heldBy} holds it`);
  return acquired.epoch;
}
const take = async (lease: Lease, name: string, holder: string, terms = LONG): Promise<number> =>
  epochOf(await lease.acquire(name, holder, terms));

export const leaseContract = contract<Lease>('lease', [
  [
    'gives a lease to one holder, and tells another who it is, what it noted and how long it lasts',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const epoch = await take(lease, name, 'a');
      const other = await tools.another();
      const refused = await other.acquire(name, 'b', LONG);
      expect(refused).toEqual({ heldBy: 'a', note: null, expiresInMs: expect.any(Number) });
      await lease.renew(name, 'a', epoch, { ttlMs: 30_000, note: '{"through":1}' });
      const told = await other.acquire(name, 'b', LONG);
      expect(told).toEqual({
        heldBy: 'a',
        note: { text: '{"through":1}', ageMs: expect.any(Number) },
        expiresInMs: expect.any(Number),
      });
      const { expiresInMs } = told as { expiresInMs: number };
      expect(expiresInMs).toBeGreaterThan(20_000);
      expect(expiresInMs).toBeLessThanOrEqual(30_000);
      expect(await other.current(name)).toMatchObject({ holder: 'a', epoch, note: { text: '{"through":1}' } });
    },
  ],
  [
    'is nobody’s before anybody took it, and keeps names apart, whatever they are',
    async (lease, tools) => {
      const names = ['ticks.*', 'ticks.[A-Z]*', 'ticks.{EUR}', '}{', 'Ω %7B'].map((word) => tools.name(word));
      for (const name of names) expect(await lease.current(name)).toBeNull();
      for (const [i, name] of names.entries()) await take(lease, name, `holder ${i}`);
      for (const [i, name] of names.entries())
        expect(await lease.current(name)).toMatchObject({ holder: `holder ${i}` });
    },
  ],
  [
    'gives a greater epoch each time, to the same holder too, and above the floor',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const first = await take(lease, name, 'a');
      const second = await take(lease, name, 'a');
      await lease.release(name, 'a', second);
      const third = await take(lease, name, 'b');
      await lease.release(name, 'b', third);
      const floor = third + 1_000_000;
      const fourth = await take(lease, name, 'a', { ...LONG, floor });
      await lease.release(name, 'a', fourth);
      const fifth = await take(lease, name, 'a');
      expect([first, second, third, fourth, fifth]).toEqual(
        [...new Set([first, second, third, fourth, fifth])].sort((a, b) => a - b),
      );
      expect(first).toBeGreaterThan(0);
      expect(fourth).toBeGreaterThan(floor);
    },
  ],
  [
    'prolongs it for its holder in its epoch, and for nobody else',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const old = await take(lease, name, 'a');
      const epoch = await take(lease, name, 'a');
      const terms = { ttlMs: 60_000, note: null };
      expect(await lease.renew(name, 'a', old, terms)).toBe(false);
      expect(await lease.renew(name, 'b', epoch, terms)).toBe(false);
      expect(await lease.renew(tools.name('other'), 'a', epoch, terms)).toBe(false);
      expect(await lease.renew(name, 'a', epoch, { ttlMs: 60_000, note: 'all is well' })).toBe(true);
      expect(await lease.renew(name, 'a', epoch, terms)).toBe(true);
      expect(await lease.current(name)).toMatchObject({ holder: 'a', epoch, note: { text: 'all is well' } });
    },
  ],
  [
    'keeps the last note beyond the end of the lease, with its age, for whoever takes it next',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const epoch = await take(lease, name, 'a');
      await lease.renew(name, 'a', epoch, { ttlMs: 30_000, note: 'through noon' });
      await sleep(SHORT_MS);
      await lease.release(name, 'a', epoch);
      const taken = await (await tools.another()).acquire(name, 'b', LONG);
      expect(taken).toEqual({ epoch: expect.any(Number), note: { text: 'through noon', ageMs: expect.any(Number) } });
      expect(taken.note!.ageMs).toBeGreaterThanOrEqual(SHORT_MS * 0.9);
      expect(taken.note!.ageMs).toBeLessThan(20_000);
    },
  ],
  [
    'ends by itself unless it is prolonged; then another takes it, and the former holder has nothing left to prolong or give up',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const other = await tools.another();
      const epoch = await take(lease, name, 'a', { ttlMs: SHORT_MS, floor: 0 });
      for (let i = 0; i < 4; i += 1) {
        await sleep(SHORT_MS / 2);
        expect(await lease.renew(name, 'a', epoch, { ttlMs: SHORT_MS, note: null })).toBe(true);
        expect(await other.acquire(name, 'b', LONG)).toMatchObject({ heldBy: 'a' });
      }
      await tools.until('it ends', async () => (await other.current(name)) === null, 5_000);
      expect(await lease.renew(name, 'a', epoch, { ttlMs: SHORT_MS, note: null })).toBe(false);
      const next = await take(other, name, 'b');
      expect(next).toBeGreaterThan(epoch);
      expect(await lease.renew(name, 'a', epoch, { ttlMs: SHORT_MS, note: null })).toBe(false);
      await lease.release(name, 'a', epoch);
      expect(await other.current(name)).toMatchObject({ holder: 'b', epoch: next });
    },
  ],
  [
    'is free at once when it is given up',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const other = await tools.another();
      await lease.release(name, 'a', await take(lease, name, 'a'));
      expect(await other.current(name)).toBeNull();
      await take(other, name, 'b');
    },
  ],
  [
    'gives it to one of many who want it at once',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const other = await tools.another();
      const found = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? lease : other).acquire(name, `holder ${i}`, LONG)),
      );
      expect(found.filter((each) => 'epoch' in each)).toHaveLength(1);
    },
  ],
  [
    'gives a greater epoch after a restart',
    async (lease, tools) => {
      const name = tools.name('ticks.*');
      const floor = 5_000_000_000_000;
      const before = await take(lease, name, 'a', { ...LONG, floor });
      const again = await tools.restart();
      await again.release(name, 'a', before);
      expect(await take(again, name, 'b')).toBeGreaterThan(before);
    },
  ],
  [
    'answers while it is open, and rejects once it was closed',
    async (lease, tools) => {
      await lease.ping();
      await lease.close();
      const name = tools.name('ticks.*');
      const unavailable = expect.objectContaining({ code: 'redis.unavailable' });
      await expect(lease.ping()).rejects.toEqual(unavailable);
      await expect(lease.current(name)).rejects.toEqual(unavailable);
      await expect(lease.acquire(name, 'a', LONG)).rejects.toEqual(unavailable);
      await expect(lease.renew(name, 'a', 1, { ttlMs: 1_000, note: null })).rejects.toEqual(unavailable);
      await expect(lease.release(name, 'a', 1)).rejects.toEqual(unavailable);
    },
  ],
]);
