import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import type { Spool, Spooled } from '../../ports/spool.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import { lmdbSpool } from '../spool/lmdb.ts';
import { isMark, type TapeItem, TapeQueue } from './tape-queue.ts';

const tick = (seq: number): TapeTick => ({
  channel: 'ticks.EURUSD',
  symbol: 'EURUSD',
  payload: Buffer.alloc(100),
  hash: seq,
  receivedAt: 1_000 + seq,
  since: 1_000 + seq,
  instance: 'desk-1',
  seq,
  joinedAt: null,
});
const SIZE = 360;
const mark = (id: string, from: number | null = 0) => ({ gap: { id, reason: 'disconnect' as const, from, to: null } });
const nameOf = (item: TapeItem | Spooled): string => (isMark(item) ? item.gap.id : String(item.seq));

interface Disk extends Spool {
  /** How many more appends it takes. */
  room: number;
}

async function disk(room = Number.POSITIVE_INFINITY): Promise<Disk> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-queue-'));
  const spool = lmdbSpool(join(folder, 'spool'));
  onTestFinished(async () => {
    await spool.close();
    await rm(folder, { recursive: true });
  });
  const full = {
    room,
    append: async (entries: readonly Spooled[]): Promise<void> => {
      if (full.room <= 0) throw new Error('ENOSPC: no space left on device');
      full.room -= 1;
      await spool.append(entries);
    },
  };
  return Object.setPrototypeOf(full, {
    ...spool,
    get size() {
      return spool.size;
    },
    get firstMark() {
      return spool.firstMark;
    },
  }) as Disk;
}

/** Gives out and takes all there is. */
async function drain(queue: TapeQueue, max = 1_000): Promise<string[]> {
  const names: string[] = [];
  for (let items = await queue.give(max); items.length > 0; items = await queue.give(max)) {
    names.push(...items.map(nameOf));
    await queue.taken(items.length);
  }
  return names;
}

const upTo = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1));

test('whatever is pushed, marked, given, taken and parked, in whatever order: all comes out once, in order', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 2, arbitrary: fc.constant('mark' as const) },
    { weight: 4, arbitrary: fc.record({ give: fc.integer({ min: 1, max: 50 }), take: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant('park' as const) },
    { weight: 1, arbitrary: fc.constant('full' as const) },
    { weight: 1, arbitrary: fc.constant('room' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const spool = await disk();
      const clock = steppingClock(0);
      const queue = new TapeQueue(spool, 20 * SIZE, clock);
      const [kept, out]: [string[], string[]] = [[], []];
      let n = 0;
      let given = 0;
      const take = async (): Promise<void> => {
        await queue.taken(given);
        given = 0;
      };
      for (const each of steps) {
        if (each === 'mark') {
          n += 1;
          queue.mark(mark(`gap-${n}`));
          kept.push(`gap-${n}`);
        } else if (each === 'park') await queue.park();
        else if (each === 'full') spool.room = 0;
        else if (each === 'room') {
          spool.room = Number.POSITIVE_INFINITY;
          clock.advance(10_000);
        } else if ('push' in each) {
          for (let i = 0; i < each.push; i += 1) {
            n += 1;
            if (queue.push(tick(n))) kept.push(String(n));
          }
        } else {
          await take();
          const items = await queue.give(each.give);
          out.push(...items.map(nameOf));
          given = items.length;
          if (each.take) await take();
        }
      }
      await take();
      out.push(...(await drain(queue)));
      expect(out).toEqual(kept);
      expect(spool.size).toBe(0);
      expect(queue.exhausted).toBe(true);
    }),
    { numRuns: 60 },
  );
}, 120_000);

test('a disk that fills up within a move leaves nothing there that waits in memory as well', async () => {
  const spool = await disk(1);
  const queue = new TapeQueue(spool, 11_000 * SIZE, steppingClock(0));
  for (let n = 1; n <= 11_002; n += 1) expect(queue.push(tick(n))).toBe(true);
  await queue.park();
  expect(queue.failure).not.toBe(null);
  expect(queue.waiting.memory + queue.waiting.disk).toBe(11_002);
  expect(await drain(queue)).toEqual(upTo(11_002));
  expect(spool.size).toBe(0);
});

test('a disk on which room was made is used again', async () => {
  const spool = await disk(0);
  const clock = steppingClock(0);
  const queue = new TapeQueue(spool, 10 * SIZE, clock);
  let n = 0;
  while (queue.push(tick(n + 1))) {
    n += 1;
    // The disk is tried in the background.
    await clock.sleep(0);
  }
  expect(queue.hasRoom()).toBe(false);
  spool.room = Number.POSITIVE_INFINITY;
  clock.advance(2_000);
  expect(queue.hasRoom()).toBe(false);
  await queue.park();
  expect([queue.failure, queue.hasRoom(), queue.waiting.disk]).toEqual([null, true, n]);
  expect(queue.push(tick(n + 1))).toBe(true);
  expect(await drain(queue)).toEqual(upTo(n + 1));
});

test('what is parked is there for the next, what was given out and not taken included', async () => {
  const spool = await disk();
  const queue = new TapeQueue(spool, 1e6, steppingClock(0));
  for (let n = 1; n <= 4; n += 1) queue.push(tick(n));
  queue.mark(mark('gap'));
  queue.push(tick(5));
  await queue.give(3);
  await queue.taken(1);
  expect(await queue.park()).toBe(true);
  expect(await drain(new TapeQueue(spool, 1e6, steppingClock(0)))).toEqual(['2', '3', '4', 'gap', '5']);
});

test('without a disk, parking tells whether anything is left', async () => {
  const queue = new TapeQueue(null, 1e6, steppingClock(0));
  expect(await queue.park()).toBe(true);
  queue.push(tick(1));
  expect(await queue.park()).toBe(false);
  await queue.give(1);
  expect(await queue.park()).toBe(false);
  await queue.taken(1);
  expect(await queue.park()).toBe(true);
});

test('the oldest that waits is a tick or the beginning of a gap, and on disk it counts where asked', async () => {
  const spool = await disk();
  const queue = new TapeQueue(spool, 1e6, steppingClock(0));
  expect(queue.oldest(true)).toBe(Number.POSITIVE_INFINITY);
  queue.push(tick(5));
  queue.mark(mark('gap', 700));
  expect(queue.oldest(false)).toBe(700);
  await queue.give(1);
  await queue.taken(1);
  queue.push(tick(6));
  expect(queue.oldest(false)).toBe(700);
  await queue.park();
  expect([queue.oldest(false), queue.oldest(true)]).toEqual([Number.POSITIVE_INFINITY, 700]);
});

test('memory that is full while ticks wait on disk goes there, too', async () => {
  const spool = await disk();
  const queue = new TapeQueue(spool, 4 * SIZE, steppingClock(0));
  for (let seq = 1; seq <= 6; seq += 1) queue.push(tick(seq));
  await queue.park();
  for (let seq = 7; seq <= 60; seq += 1) {
    expect(queue.push(tick(seq))).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

/** A disk that takes nothing until it is let. */
async function slowDisk() {
  const spool = await disk();
  const waiting: (() => void)[] = [];
  const slow = {
    append: async (entries: readonly Spooled[]): Promise<void> => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      await spool.append(entries);
    },
  };
  /** Resolves when the disk is asked for an append, or a while later. */
  const asking = async (): Promise<void> => {
    for (let i = 0; i < 50 && waiting.length === 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  /** Lets the next append go on; resolves when another one is asked for. */
  const letOne = async (): Promise<void> => {
    await asking();
    waiting.shift()!();
    await asking();
  };
  return { spool: Object.setPrototypeOf(slow, spool) as Spool, letOne, asked: () => waiting.length };
}

test('what was taken is dropped while the rest of a long move still waits for the disk', async () => {
  const { spool, letOne, asked } = await slowDisk();
  const queue = new TapeQueue(spool, 12_000 * SIZE, steppingClock(0));
  for (let n = 1; n <= 12_002; n += 1) queue.push(tick(n));
  await letOne();
  expect(await queue.give(100)).toHaveLength(100);
  const dropped = queue.taken(100);
  await letOne();
  await dropped;
  expect([asked(), queue.waiting]).toEqual([1, { memory: 2_002, disk: 9_900 }]);
  for (; asked() > 0; ) await letOne();
  expect(await drain(queue)).toEqual(upTo(12_002).slice(100));
});

test('takes no more while it is full, until the disk has made room', async () => {
  const { spool, letOne } = await slowDisk();
  const queue = new TapeQueue(spool, 6_000 * SIZE, steppingClock(0));
  let n = 0;
  for (; queue.takesMore(1); n += 1) expect(queue.push(tick(n + 1))).toBe(true);
  expect(n).toBe(6_001);
  await letOne();
  expect(queue.takesMore(1)).toBe(true);
});

test('while what is here is being taken, more waits elsewhere for as long as there is room, and needs no disk', async () => {
  const spool = await disk(0);
  const clock = steppingClock(0);
  const queue = new TapeQueue(spool, 400 * SIZE, clock);
  for (let n = 1; n <= 102; n += 1) queue.push(tick(n));
  // Nobody takes anything: a disk must make room, however much there is elsewhere.
  expect(queue.takesMore(0)).toBe(true);
  await queue.give(1);
  await queue.taken(1);
  expect([queue.takesMore(0.4), queue.takesMore(0.6)]).toEqual([false, true]);
  clock.advance(1_500);
  expect(queue.takesMore(0.4)).toBe(true);
  await queue.give(10);
  await queue.taken(10);
  expect([queue.takesMore(0.4), queue.failure]).toEqual([true, null]);
});

test('takes more where no disk makes room: what finds none is a gap then', async () => {
  const spool = await disk(0);
  const [alone, failing] = [null, spool].map((each) => new TapeQueue(each, 10 * SIZE, steppingClock(0)));
  for (const queue of [alone!, failing!]) {
    for (let n = 1; queue.push(tick(n)); n += 1) await new Promise((resolve) => setTimeout(resolve, 0));
    expect(queue.takesMore(0)).toBe(true);
  }
});

test('parks all that waits, however many pieces that takes', async () => {
  const spool = await disk();
  const queue = new TapeQueue(spool, 100_000 * SIZE, steppingClock(0));
  for (let n = 1; n <= 12_002; n += 1) queue.push(tick(n));
  expect(await queue.park()).toBe(true);
  expect(queue.waiting).toEqual({ memory: 0, disk: 12_002 });
});
