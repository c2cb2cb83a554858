import { expect } from 'vitest';
import type { Entry, EntryStream, GroupReader, NewEntry } from '../../src/ports/entry-stream.ts';
import { contract } from './contract.ts';

const entries = (stream: string, from: number, count: number, more: Partial<NewEntry> = {}): NewEntry[] =>
  Array.from({ length: count }, (_, i) => ({ stream, fields: { n: String(from + i) }, ...more }));
const numbers = (found: readonly Entry[]): number[] => found.map(({ fields }) => Number(fields.n));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const reader = (stream: string, consumer: string): GroupReader => ({ stream, group: 'enrichers', consumer });

export const entryStreamContract = contract<EntryStream>('entry-stream', [
  [
    'keeps entries in the order appended, under ids that rise',
    async (streams, tools) => {
      const stream = tools.name('v2:ticks:l1');
      const ids: string[] = [];
      for (let n = 0; n < 5_000; n += 500) ids.push(...(await streams.append(entries(stream, n, 500))));
      const found = await streams.range(stream, '-', '+', 10_000);
      expect(numbers(found)).toEqual(upTo(5_000));
      expect(found.map(({ id }) => id)).toEqual(ids);
      const key = (id: string): bigint => BigInt(id.split('-')[0]!) * 1_000_000n + BigInt(id.split('-')[1]!);
      expect(ids.every((id, i) => i === 0 || key(id) > key(ids[i - 1]!))).toBe(true);
    },
  ],
  [
    'keeps every byte of a field, and the order of fields',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await streams.append([{ stream, fields: { zeta: all, alpha: 'Ω', empty: '' } }]);
      const [entry] = await streams.newest(stream, 1);
      expect(Object.keys(entry!.fields)).toEqual(['zeta', 'alpha', 'empty']);
      expect(entry!.fields.zeta!.equals(all)).toBe(true);
      expect([entry!.fields.alpha!.toString(), entry!.fields.empty!.length]).toEqual(['Ω', 0]);
    },
  ],
  [
    'gives ranges with their ends in or out, oldest first, as many as asked',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const ids = await streams.append(entries(stream, 0, 10));
      expect(numbers(await streams.range(stream, ids[2]!, ids[5]!, 100))).toEqual([2, 3, 4, 5]);
      expect(numbers(await streams.range(stream, `(${ids[2]}`, '+', 3))).toEqual([3, 4, 5]);
      expect(numbers(await streams.newest(stream, 3))).toEqual([9, 8, 7]);
      expect(numbers(await streams.newest(stream, 3, ids[4]))).toEqual([3, 2, 1]);
      expect(await streams.newest(stream, 3, ids[0])).toEqual([]);
      expect(await streams.range(stream, `(${ids[9]}`, '+', 100)).toEqual([]);
      expect(await streams.newest(tools.name('none'), 3)).toEqual([]);
    },
  ],
  [
    'appends to several streams in one go',
    async (streams, tools) => {
      const [bars, checkpoint] = [tools.name('stream:bar:1m'), tools.name('stream:bar:checkpoint')];
      await streams.append([...entries(bars, 0, 3), ...entries(checkpoint, 7, 1, { maxLen: 1 })]);
      expect(numbers(await streams.range(bars, '-', '+', 10))).toEqual([0, 1, 2]);
      expect(numbers(await streams.range(checkpoint, '-', '+', 10))).toEqual([7]);
    },
  ],
  [
    'shows nobody a part of an append',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const other = await tools.another();
      let done = false;
      const writing = (async () => {
        for (let n = 0; n < 50; n += 1) await streams.append(entries(stream, n * 100, 100));
        done = true;
      })();
      while (!done) expect((await other.range(stream, '-', '+', 10_000)).length % 100).toBe(0);
      await writing;
    },
  ],
  [
    'keeps about the newest entries, and exactly one where one is to be kept',
    async (streams, tools) => {
      const [long, one] = [tools.name('stream'), tools.name('checkpoint')];
      for (let n = 0; n < 20; n += 1) await streams.append(entries(long, n * 100, 100, { maxLen: 500 }));
      const kept = numbers(await streams.range(long, '-', '+', 10_000));
      expect(kept.length).toBeGreaterThanOrEqual(500);
      expect(kept.length).toBeLessThan(1_000);
      expect(kept.at(-1)).toBe(1_999);
      for (let n = 0; n < 5; n += 1) await streams.append(entries(one, n, 1, { maxLen: 1 }));
      expect(numbers(await streams.range(one, '-', '+', 10))).toEqual([4]);
    },
  ],
  [
    'lists the streams that match a pattern, sorted',
    async (streams, tools) => {
      const prefix = tools.name('p');
      const names = [`${prefix}:1m:GBPUSD`, `${prefix}:1m:EURUSD`, `${prefix}:5m:EURUSD`];
      await streams.append(names.flatMap((stream) => entries(stream, 0, 1)));
      expect(await streams.streams(`${prefix}:1m:*`)).toEqual([names[1], names[0]]);
      expect(await streams.streams(`${prefix}:none:*`)).toEqual([]);
    },
  ],
  [
    'takes appends of several writers at once without losing one',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const other = await tools.another();
      const write = async (to: EntryStream, from: number): Promise<void> => {
        for (let n = 0; n < 20; n += 1) await to.append(entries(stream, from + n * 10, 10));
      };
      await Promise.all([write(streams, 0), write(other, 1_000)]);
      const found = numbers(await streams.range(stream, '-', '+', 1_000));
      expect(found.filter((n) => n < 1_000)).toEqual(upTo(200));
      expect(found.filter((n) => n >= 1_000)).toEqual(upTo(200).map((n) => n + 1_000));
    },
  ],
  [
    'gives each entry to one consumer of a group',
    async (streams, tools) => {
      const stream = tools.name('stream');
      await streams.append(entries(stream, 0, 100));
      const { entries: a } = await streams.readGroup(reader(stream, 'a'), 60, 100, tools.signal);
      const { entries: b } = await streams.readGroup(reader(stream, 'b'), 60, 100, tools.signal);
      expect([...numbers(a), ...numbers(b)]).toEqual(upTo(100));
      expect(a.every(({ deliveries }) => deliveries === 1)).toBe(true);
      expect((await streams.readGroup(reader(stream, 'a'), 60, 10, tools.signal)).entries).toEqual([]);
    },
  ],
  [
    'waits for the first new entry, and no longer than told',
    async (streams, tools) => {
      const stream = tools.name('stream');
      await streams.append(entries(stream, 0, 1));
      await streams.readGroup(reader(stream, 'a'), 10, 100, tools.signal);
      expect((await streams.readGroup(reader(stream, 'a'), 10, 50, tools.signal)).entries).toEqual([]);
      const waiting = streams.readGroup(reader(stream, 'a'), 10, 30_000, tools.signal);
      await (await tools.another()).append(entries(stream, 1, 1));
      expect(numbers((await waiting).entries)).toEqual([1]);
    },
  ],
  [
    'hands over what a dead consumer did not acknowledge, and counts the deliveries',
    async (streams, tools) => {
      const stream = tools.name('stream');
      await streams.append(entries(stream, 0, 10));
      const { entries: dead } = await streams.readGroup(reader(stream, 'dead'), 10, 100, tools.signal);
      await streams.ack(
        stream,
        'enrichers',
        dead.slice(0, 4).map(({ id }) => id),
      );
      expect((await streams.claim(reader(stream, 'b'), 3_600_000, 100)).entries).toEqual([]);
      const { entries: claimed } = await streams.claim(reader(stream, 'b'), 0.25, 100);
      expect(numbers(claimed)).toEqual([4, 5, 6, 7, 8, 9]);
      expect(claimed.every(({ deliveries }) => deliveries === 2)).toBe(true);
    },
  ],
  [
    'tells the entry before the first of new ones, whoever was given it',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const ids = await streams.append(entries(stream, 0, 6));
      const read = async (consumer: string): Promise<string | null> =>
        (await streams.readGroup(reader(stream, consumer), 2, 100, tools.signal)).after;
      expect([await read('a'), await read('b'), await read('a')]).toEqual(['0-0', ids[1], ids[3]]);
      expect(await streams.readGroup(reader(stream, 'b'), 2, 0, tools.signal)).toEqual({
        entries: [],
        after: ids[5],
        skipped: false,
        trimmed: [],
      });
    },
  ],
  [
    'begins a group that is made after the entry that the reader names, and heeds that no more later',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const ids = await streams.append(entries(stream, 0, 5));
      const from = (n: number): GroupReader => ({ ...reader(stream, 'a'), startAfter: ids[n]! });
      const first = await streams.readGroup(from(2), 1, 100, tools.signal);
      expect([numbers(first.entries), first.after]).toEqual([[3], ids[2]]);
      expect(numbers((await streams.readGroup(from(0), 5, 100, tools.signal)).entries)).toEqual([4]);
    },
  ],
  [
    "gives a consumer that comes back its own entries again, and nobody else's",
    async (streams, tools) => {
      const stream = tools.name('stream');
      await streams.append(entries(stream, 0, 9));
      for (const consumer of ['a', 'b', 'a']) await streams.readGroup(reader(stream, consumer), 3, 100, tools.signal);
      const again = await tools.restart();
      const first = await again.claim(reader(stream, 'a'), 'own', 4);
      expect(numbers(first.entries)).toEqual([0, 1, 2, 6]);
      expect(first.entries.every(({ deliveries }) => deliveries === 2)).toBe(true);
      const rest = await again.claim(reader(stream, 'a'), 'own', 4, first.entries.at(-1)!.id);
      expect(numbers(rest.entries)).toEqual([7, 8]);
      expect((await again.claim(reader(stream, 'c'), 'own', 4)).entries).toEqual([]);
    },
  ],
  [
    'tells, once, that entries were trimmed away before the group was given them',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const read = () => streams.readGroup(reader(stream, 'a'), 2, 100, tools.signal);
      await streams.append(entries(stream, 0, 4));
      expect((await read()).skipped).toBe(false);
      // Two that were read, and two that were not.
      await streams.append(entries(stream, 4, 1, { maxLen: 1 }));
      const { entries: found, skipped } = await read();
      expect([numbers(found), skipped]).toEqual([[4], true]);
      await streams.append(entries(stream, 5, 1));
      expect((await read()).skipped).toBe(false);
    },
  ],
  [
    'tells it to a group that began in the middle, too',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const ids = await streams.append(entries(stream, 0, 9));
      const read = () => streams.readGroup({ ...reader(stream, 'a'), startAfter: ids[2]! }, 2, 100, tools.signal);
      expect((await read()).skipped).toBe(false);
      expect((await read()).skipped).toBe(false);
      await streams.append(entries(stream, 9, 1, { maxLen: 1 }));
      const { entries: found, skipped } = await read();
      expect([numbers(found), skipped]).toEqual([[9], true]);
      await streams.append(entries(stream, 10, 1));
      expect((await read()).skipped).toBe(false);
    },
  ],
  [
    'tells where a group that was made for nothing begins',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const ids = await streams.append(entries(stream, 0, 5));
      const from = { ...reader(stream, 'a'), startAfter: ids[4]! };
      expect(await streams.readGroup(from, 2, 0, tools.signal)).toMatchObject({ entries: [], after: ids[4] });
    },
  ],
  [
    'tells nothing of entries that were trimmed away after the group was given them',
    async (streams, tools) => {
      const stream = tools.name('stream');
      await streams.append(entries(stream, 0, 4));
      await streams.readGroup(reader(stream, 'a'), 4, 100, tools.signal);
      await streams.append(entries(stream, 4, 1, { maxLen: 1 }));
      expect((await streams.readGroup(reader(stream, 'a'), 4, 100, tools.signal)).skipped).toBe(false);
    },
  ],
  [
    'tells what was trimmed away before it was acknowledged, once',
    async (streams, tools) => {
      const stream = tools.name('stream');
      const ids = await streams.append(entries(stream, 0, 4));
      await streams.readGroup(reader(stream, 'a'), 4, 100, tools.signal);
      await streams.append(entries(stream, 4, 1, { maxLen: 1 }));
      const { entries: left, trimmed } = await streams.claim(reader(stream, 'a'), 'own', 10);
      expect([left, trimmed]).toEqual([[], ids]);
      expect((await streams.claim(reader(stream, 'b'), 0, 10)).trimmed).toEqual([]);
    },
  ],
  [
    'never delivers again what was acknowledged',
    async (streams, tools) => {
      const stream = tools.name('stream');
      await streams.append(entries(stream, 0, 10));
      const { entries: found } = await streams.readGroup(reader(stream, 'a'), 10, 100, tools.signal);
      await streams.ack(
        stream,
        'enrichers',
        found.map(({ id }) => id),
      );
      expect((await streams.claim(reader(stream, 'b'), 0, 100)).entries).toEqual([]);
      expect((await streams.readGroup(reader(stream, 'b'), 10, 10, tools.signal)).entries).toEqual([]);
    },
  ],
  [
    'keeps entries, groups and what was delivered over a restart',
    async (streams, tools) => {
      const stream = tools.name('stream');
      await streams.append(entries(stream, 0, 10));
      await streams.readGroup(reader(stream, 'a'), 4, 100, tools.signal);
      const again = await tools.restart();
      expect(numbers(await again.range(stream, '-', '+', 100))).toEqual(upTo(10));
      expect(numbers((await again.readGroup(reader(stream, 'b'), 10, 100, tools.signal)).entries)).toEqual([
        4, 5, 6, 7, 8, 9,
      ]);
      expect(numbers((await again.claim(reader(stream, 'b'), 0, 100)).entries).slice(0, 4)).toEqual([0, 1, 2, 3]);
    },
  ],
]);
