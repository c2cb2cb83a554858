import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HandPubSub } from '../../../test/support/hand-pub-sub.ts';
import { quickClock } from '../../../test/support/quick-clock.ts';
import type { GapRecord } from '../../domain/gap/gap.ts';
import type { Spool } from '../../ports/spool.ts';
import type { TapeEnd, TapeTick } from '../../ports/tick-tape.ts';
import { lmdbEntryStream } from '../entry-stream/lmdb.ts';
import { lmdbSpool } from '../spool/lmdb.ts';
import { PubSubTape } from './pub-sub.ts';

const quick = quickClock(20);
/** By how much the clock was set (milliseconds). */
let set = 0;
const clock = { ...quick, now: () => quick.now() + set };
const NOWHERE: ReadonlyMap<string, TapeEnd> = new Map();

/** A publisher, and tapes that follow it one after the other. */
async function market() {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-tape-'));
  const streams = lmdbEntryStream({ path: join(folder, 'streams'), clock });
  const spool: Spool = lmdbSpool(join(folder, 'spool'));
  const pubsub = new HandPubSub(clock);
  const end = new AbortController();
  const running: Promise<void>[] = [];
  onTestFinished(async () => {
    end.abort();
    await Promise.all(running);
    await streams.close();
    await spool.close();
    await rm(folder, { recursive: true });
  });
  let id = 0;
  return {
    spool,
    streams,
    pubsub,
    /** Resolves once the tape knows where the stream begins, and that it received everything since. */
    async known({ begin }: { readonly begin: () => unknown }) {
      while (begin() === null) await clock.sleep(100);
      await clock.sleep(200);
      pubsub.caughtUp();
    },
    async publish(count: number, symbol = 'EURUSD') {
      for (let i = 0; i < count; i += 1) {
        id += 1;
        const payload = Buffer.from(`{"id":${id},"ts":${clock.now()},"price":1.1}`);
        await streams.append([{ stream: 'v2:ticks:l1', fields: { symbol, j: payload } }]);
        await pubsub.publish([{ channel: `ticks.${symbol}`, payload }]);
      }
    },
    /** Begins to follow; `from` is where an earlier run was. */
    async follow(
      instance: string,
      {
        from = null as number | null,
        ends = null as Promise<ReadonlyMap<string, TapeEnd> | null> | null,
        through = (): number | null => null,
        memoryBytes = 1e6,
        disk = true,
        fill = true,
      } = {},
    ) {
      const tape = new PubSubTape(
        { pubsub, streams: fill ? streams : null, spool: disk ? spool : null, clock },
        { service: 'mirror', instance, pattern: 'ticks.*', memoryBytes, streamPrefix: 'v2', fillMarginMs: 30_000 },
      );
      const gaps: GapRecord[] = [];
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, end.signal]);
      const ran = tape.run({ through: from, clean: true }, (gap) => void gaps.push(gap), signal);
      const resumed = (ends ?? Promise.resolve(NOWHERE)).then(async (symbols) => {
        if (symbols !== null) await tape.resume({ shared: false, through: through(), symbols, gaps: [] });
      });
      running.push(ran, resumed);
      if (ends === null) await resumed;
      return {
        tape,
        gaps,
        resumed,
        newest: (reason: string) => gaps.findLast((gap) => gap.reason === reason),
        async stop() {
          stop.abort();
          await ran;
        },
      };
    },
  };
}

const idOf = ({ payload }: TapeTick): number => (JSON.parse(payload.toString()) as { id: number }).id;
const upTo = (to: number, from = 1): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Takes `count` ticks. */
async function take(tape: PubSubTape, count: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) {
    const ticks = await tape.next(count - ids.length);
    if (ticks.length === 0) break;
    ids.push(...ticks.map(idOf));
    await tape.taken(ticks.length);
  }
  return ids;
}

/** A tape that has given three ticks, whose next gap can be filled. */
async function followed() {
  const desk = await market();
  const followed = await desk.follow('one');
  await desk.publish(3);
  expect(await take(followed.tape, 3)).toEqual(upTo(3));
  await desk.known({ begin: () => followed.tape.begin });
  return { ...desk, ...followed };
}

test('a gap is closed when what fills it was taken, not when it was read', async () => {
  const { pubsub, publish, tape, newest } = await followed();
  pubsub.cut();
  await publish(2);
  pubsub.join();
  await publish(1);
  const filled = await tape.next(10);
  expect(filled.map(idOf)).toEqual([4, 5]);
  expect(newest('disconnect')).toMatchObject({ status: 'open', symbols: { EURUSD: expect.anything() } });
  await tape.taken(1);
  expect(newest('disconnect')).toMatchObject({ status: 'open' });
  await tape.taken(1);
  expect(await take(tape, 1)).toEqual([6]);
  expect(newest('disconnect')).toMatchObject({ status: 'closed', filled: 2, symbols: {} });
});

test('what may be noted as whole lies before a gap until the gap is filled and taken', async () => {
  const { pubsub, publish, follow } = await market();
  const { tape, newest } = await follow('one');
  await publish(3);
  await take(tape, 3);
  pubsub.cut();
  await publish(2);
  pubsub.join();
  await publish(1);
  const ticks = await tape.next(10);
  await clock.sleep(2_000);
  const { from } = newest('disconnect')!;
  expect(tape.through(true)).toBeLessThanOrEqual(from!);
  await tape.taken(ticks.length);
  await take(tape, 1);
  pubsub.caughtUp();
  expect(tape.through(true)).toBeGreaterThan(from!);
});

test('what waits on disk is whole for one who finds it there again, and not for one who does not', async () => {
  const { pubsub, publish, follow } = await market();
  const begun = clock.now();
  const { tape, stop } = await follow('one', { from: begun });
  await publish(3);
  await clock.sleep(200);
  const caughtUp = clock.now();
  pubsub.caughtUp();
  await stop();
  expect(tape.through(true)).toBe(begun);
  await tape.park();
  expect(tape.through(false)).toBe(begun);
  expect(tape.through(true)).toBeGreaterThanOrEqual(caughtUp);
});

test('want of room is told when it happens, and nothing after it is noted as whole', async () => {
  const { publish, follow } = await market();
  const { tape, newest } = await follow('one', { from: clock.now(), memoryBytes: 2_000, disk: false });
  await publish(30);
  await clock.sleep(1_000);
  const gap = newest('full')!;
  expect(gap).toMatchObject({ status: 'open', symbols: { EURUSD: { after: expect.any(Number), before: null } } });
  expect(tape.through(true)).toBeLessThanOrEqual(gap.from!);
});

test('after want of room reception begins anew once there is room, and the gap is filled', async () => {
  const { publish, follow, known } = await market();
  const { tape, newest } = await follow('one', { memoryBytes: 2_000, disk: false });
  await publish(1);
  await known({ begin: () => tape.begin });
  await publish(29);
  const first = await tape.next(100);
  await tape.taken(first.length);
  expect(first.length).toBeLessThan(30);
  await publish(5);
  expect(await take(tape, 35 - first.length)).toEqual(upTo(35, first.length + 1));
  expect(newest('full')).toMatchObject({ status: 'closed', symbols: {} });
});

test('ticks are received, and none given out, before it is known where the last run ended', async () => {
  const { pubsub, publish, follow } = await market();
  const known = Promise.withResolvers<ReadonlyMap<string, TapeEnd>>();
  const { tape, gaps, resumed } = await follow('one', { from: clock.now(), ends: known.promise });
  await publish(3);
  pubsub.cut();
  await publish(2);
  pubsub.join();
  await publish(3);
  await clock.sleep(2_000);
  expect(gaps).toEqual([]);
  expect(tape.waiting.memory).toBeGreaterThan(5);
  expect(await tape.next(10)).toEqual([]);
  known.resolve(NOWHERE);
  await resumed;
  expect(await take(tape, 8)).toEqual(upTo(8));
});

test('a loss while ticks are being read from disk keeps its place', async () => {
  const { spool, pubsub, publish, follow } = await market();
  const first = await follow('one');
  await publish(20);
  await first.stop();
  expect(await first.tape.park()).toBe(true);
  expect(spool.size).toBeGreaterThan(20);
  const second = await follow('two', { from: clock.now() });
  const given: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    // Asked for before the loss, answered after it.
    const asked = second.tape.next(3);
    pubsub.cut();
    await publish(1);
    pubsub.join();
    await publish(2);
    const ticks = await asked;
    given.push(...ticks.map(idOf));
    await second.tape.taken(ticks.length);
  }
  given.push(...(await take(second.tape, 35 - given.length)));
  expect(given).toEqual(upTo(35));
  await second.stop();
  expect(await second.tape.next(1)).toEqual([]);
});

test('the first tick after a gap that stays open is marked, in a later run, too', async () => {
  const { pubsub, publish, follow } = await market();
  const first = await follow('one', { fill: false });
  await publish(2);
  pubsub.cut();
  await publish(1);
  pubsub.join();
  await publish(2);
  await first.stop();
  expect(await first.tape.park()).toBe(true);
  const { tape } = await follow('two', { from: clock.now(), fill: false });
  const marks: [number, boolean][] = [];
  while (marks.length < 4) {
    const ticks = await tape.next(10);
    marks.push(...ticks.map((tick): [number, boolean] => [idOf(tick), tick.joinedAt !== null]));
    await tape.taken(ticks.length);
  }
  expect(marks).toEqual([
    [1, true],
    [2, false],
    [4, true],
    [5, false],
  ]);
});

test('a run that is told that the ends will not be known gives nothing out', async () => {
  const { publish, follow } = await market();
  const { tape, stop } = await follow('one', { ends: Promise.resolve(null) as never });
  await publish(3);
  expect(await tape.next(10)).toEqual([]);
  await stop();
  expect(await tape.park()).toBe(true);
});

test('after want of room on a tape that is quiet since, reception begins anew with the next sign of life', async () => {
  const { publish, follow } = await market();
  const { tape } = await follow('one', { memoryBytes: 2_000, disk: false });
  await publish(30);
  while (tape.waiting.memory > 0) await take(tape, 1);
  for (let tries = 0; !tape.subscribed && tries < 100; tries += 1) await clock.sleep(100);
  expect(tape.subscribed).toBe(true);
});

test('what is filled in bears about the time at which it would have been received, in order', async () => {
  const { pubsub, publish, follow, known } = await market();
  const { tape } = await follow('one');
  await publish(1);
  await known({ begin: () => tape.begin });
  pubsub.cut();
  await publish(2);
  const until = clock.now();
  await clock.sleep(30_000);
  pubsub.join();
  await publish(1);
  const times: number[] = [];
  while (times.length < 4) {
    const ticks = await tape.next(10);
    times.push(...ticks.map(({ receivedAt }) => receivedAt));
    await tape.taken(ticks.length);
  }
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[2]).toBeLessThanOrEqual(until);
});

test('what came while a subscriber stood still is not filled in, however late it hears that its subscription stands', async () => {
  const { pubsub, publish, tape, newest } = await followed();
  pubsub.cut();
  await publish(2);
  pubsub.joinLate();
  await publish(3);
  await clock.sleep(40_000);
  await pubsub.arrive();
  await publish(1);
  expect(await take(tape, 6)).toEqual(upTo(9, 4));
  expect(newest('disconnect')).toMatchObject({ status: 'closed', filled: 2 });
});

test('a symbol that came to be known only in a gap is named by the next one, where it may lack ticks there', async () => {
  const { pubsub, publish, follow, known, streams } = await market();
  const { tape, gaps } = await follow('one');
  const second = () => gaps.findLast(({ id }) => id === 'one-3');
  await publish(1);
  await known({ begin: () => tape.begin });
  const missed = async (): Promise<void> => {
    for (const _ of [1, 2])
      await streams.append([{ stream: 'v2:ticks:l1', fields: { symbol: 'GBPUSD', j: Buffer.from('{"id":0}') } }]);
  };
  pubsub.cut();
  await missed();
  // Before the first gap is filled the second one begins.
  await clock.sleep(100);
  pubsub.join();
  pubsub.caughtUp();
  pubsub.cut();
  await missed();
  pubsub.join();
  for (let tries = 0; second()?.settled !== true && tries < 100; tries += 1) {
    const ticks = await Promise.race([tape.next(10), clock.sleep(500).then(() => [])]);
    await tape.taken(ticks.length);
  }
  expect(second()).toMatchObject({ settled: true, status: 'open', symbols: { GBPUSD: expect.anything() } });
});

test('what waited elsewhere while there was no room is received once there is, and not filled in', async () => {
  const { pubsub, publish, follow, known } = await market();
  const { tape } = await follow('one', { memoryBytes: 2_000, disk: false });
  await publish(1);
  await known({ begin: () => tape.begin });
  await take(tape, 1);
  pubsub.holdBack();
  await publish(60);
  await clock.sleep(10_000);
  await pubsub.handOver(30);
  const first = await tape.next(100);
  await tape.taken(first.length);
  await pubsub.handOver(30);
  await publish(1);
  expect([...first.map(idOf), ...(await take(tape, 61 - first.length))]).toEqual(upTo(62, 2));
});

// It came into the log ahead of what tells that the gap lacks some: a later run took the gap for whole, since the log goes on behind it.
test('what came after a gap is given out only when what fills the gap was taken, and what it lacks is told', async () => {
  const { tape, gaps, pubsub, publish } = await followed();
  pubsub.cut();
  await publish(2);
  pubsub.join();
  await publish(1);
  expect((await tape.next(10)).map(idOf)).toEqual([4, 5]);
  let settled: boolean | null = null;
  const after = tape.next(10).then((ticks) => {
    settled = gaps.at(-1)?.settled ?? false;
    return ticks.map(idOf);
  });
  await clock.sleep(5_000);
  expect(settled).toBe(null);
  await tape.taken(2);
  expect(await after).toEqual([6]);
  expect(settled).toBe(true);
});

test('a symbol that is met for the first time once the streams were read, which have nothing of it, lacks nothing in the gap', async () => {
  const { tape, newest, pubsub, publish } = await followed();
  pubsub.cut();
  await publish(2);
  pubsub.join();
  expect((await tape.next(10)).map(idOf)).toEqual([4, 5]);
  await publish(1, 'NEWCOIN');
  await tape.taken(2);
  expect((await tape.next(10)).map(idOf)).toEqual([6]);
  expect(newest('disconnect')).toMatchObject({ status: 'closed', filled: 2, symbols: {} });
});

// The gap lay before what the holder before was known to have brought, by a clock that was 10 s behind: it was taken for void.
test('a clock that is set while another holds the lease makes no gap void', async () => {
  const desk = await market();
  onTestFinished(() => {
    set = 0;
  });
  const proven = clock.now();
  await clock.sleep(2_000);
  const { promise: ends, resolve } = Promise.withResolvers<ReadonlyMap<string, TapeEnd>>();
  const { gaps, resumed } = await desk.follow('one', { from: proven, ends, fill: false, through: () => proven + set });
  await clock.sleep(2_000);
  set = 10_000;
  resolve(NOWHERE);
  await resumed;
  while (gaps.length === 0) await clock.sleep(100);
  // One clock gives whole milliseconds, the other parts of them.
  for (const { from, status } of gaps) expect([Math.trunc(from!), status]).toEqual([proven, 'open']);
});

test('a symbol that is met first in what fills a gap is named by the open ones before it, too', async () => {
  const desk = await market();
  await desk.publish(1, 'NEWCOIN');
  const { tape, newest } = await desk.follow('one');
  await desk.known({ begin: () => tape.begin });
  await desk.publish(1);
  expect(await take(tape, 1)).toEqual([2]);
  desk.pubsub.cut();
  desk.pubsub.join();
  // Clocks may differ: it may have been published in this gap.
  expect(await take(tape, 1)).toEqual([1]);
  while (newest('start')?.symbols.NEWCOIN === undefined) await clock.sleep(100);
  expect(newest('start')).toMatchObject({ status: 'open', symbols: { NEWCOIN: { after: null } } });
});
