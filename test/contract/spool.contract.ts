import { expect } from 'vitest';
import type { Spool, Spooled, SpooledMark, SpooledTick } from '../../src/ports/spool.ts';
import { contract } from './contract.ts';

const tick = (seq: number, payload: Buffer = Buffer.from(`{"seq":${seq}}`)): SpooledTick => ({
  channel: 'ticks.EURUSD',
  payload,
  receivedAt: 1_398_920_401_000 + seq,
  since: 1_398_920_400_000 + seq,
  instance: 'desk-1',
  seq,
});
const mark = (id: string): SpooledMark => ({ gap: { id, reason: 'disconnect', from: 1_398_920_401_000, to: null } });
const ticks = (from: number, count: number): SpooledTick[] => Array.from({ length: count }, (_, i) => tick(from + i));
const all = (spool: Spool): Spooled[] => spool.read(0, spool.size);
const places = (spool: Spool): (number | string)[] => all(spool).map((e) => ('gap' in e ? e.gap.id : e.seq));

export const spoolContract = contract<Spool>('spool', [
  [
    'is empty at first, and has no note',
    async (spool) => {
      expect([spool.size, spool.read(0, 10), spool.firstMark, spool.note()]).toEqual([0, [], null, null]);
    },
  ],
  [
    'gives back every byte and every field, in order',
    async (spool) => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const entries = [tick(1, bytes), mark('gap-Ω'), tick(2, Buffer.alloc(0)), tick(3, Buffer.alloc(300_000, 'x'))];
      await spool.append(entries);
      expect(all(spool)).toEqual(entries);
    },
  ],
  [
    'reads from anywhere, as much as is asked for, and takes nothing away by it',
    async (spool) => {
      await spool.append(ticks(1, 10));
      expect(spool.read(3, 2)).toEqual(ticks(4, 2));
      expect(spool.read(8, 100)).toEqual(ticks(9, 2));
      expect(spool.read(10, 1)).toEqual([]);
      expect(spool.size).toBe(10);
    },
  ],
  [
    'forgets the oldest, and no more than there are',
    async (spool) => {
      await spool.append(ticks(1, 5));
      await spool.drop(2);
      expect(places(spool)).toEqual([3, 4, 5]);
      await spool.append(ticks(6, 1));
      await spool.drop(100);
      expect([spool.size, all(spool)]).toEqual([0, []]);
      await spool.append(ticks(7, 1));
      expect(places(spool)).toEqual([7]);
    },
  ],
  [
    'knows how many stand before the oldest mark, however many were dropped',
    async (spool) => {
      await spool.append([...ticks(1, 3), mark('a'), tick(4), mark('b')]);
      expect(spool.firstMark).toBe(3);
      await spool.drop(2);
      expect(spool.firstMark).toBe(1);
      await spool.drop(2);
      expect([spool.firstMark, places(spool)]).toEqual([1, [4, 'b']]);
      await spool.drop(2);
      expect(spool.firstMark).toBe(null);
      await spool.append(ticks(5, 2));
      expect(spool.firstMark).toBe(null);
    },
  ],
  [
    'keeps all of it over a restart, be it one tick or thousands',
    async (spool, tools) => {
      await spool.append([mark('alone')]);
      let next = await tools.restart();
      expect(places(next)).toEqual(['alone']);
      await next.append(ticks(1, 6_000));
      await next.drop(3_001);
      next = await tools.restart();
      expect(next.size).toBe(3_000);
      expect(all(next)).toEqual(ticks(3_001, 3_000));
      expect(next.firstMark).toBe(null);
    },
  ],
  [
    'keeps the note that was set last, over a restart, beside what waits',
    async (spool, tools) => {
      await spool.append(ticks(1, 2));
      await spool.setNote('{"through":1}');
      await spool.setNote('{"through":2,"what":"Ω"}');
      expect(spool.note()).toBe('{"through":2,"what":"Ω"}');
      const next = await tools.restart();
      await next.drop(2);
      expect([next.note(), next.size]).toEqual(['{"through":2,"what":"Ω"}', 0]);
    },
  ],
]);
