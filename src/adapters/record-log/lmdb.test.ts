import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readPartition } from '../../../test/support/read-partition.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogPosition, LogRecord, LossNotice, NewRecord, RecordLog } from '../../ports/record-log.ts';
import { systemClock } from '../clock/system.ts';
import { lmdbRecordLog } from './lmdb.ts';
import { acquire, release } from './lmdb-environment.ts';

const DAY = 24 * 60 * 60 * 1000;
let path: string;
let now: number;
let everyTick: () => Promise<void>;
/** Stands still; `everyTick` does what was to be done from time to time. */
const clock: Clock = { ...systemClock(), now: () => now, every: (_, tick) => void (everyTick = async () => tick()) };

beforeEach(async () => {
  now = 1_772_539_200_000;
  path = await mkdtemp(join(tmpdir(), 'pulse-lmdb-'));
  onTestFinished(() => rm(path, { recursive: true }));
});

function opened(options: { retentionMs?: number; maxRecordBytes?: number } = {}): RecordLog {
  const log = lmdbRecordLog({ path, clock, ...options });
  onTestFinished(() => log.close());
  return log;
}

const bar = (topic: string, key: string, close: number, timestamp?: number): NewRecord => ({
  topic,
  key,
  value: Buffer.from(`{"c":${close}}`),
  ...(timestamp !== undefined && { timestamp }),
});
const all = (log: RecordLog, topic: string): Promise<LogRecord[]> => readPartition(log, topic, 0, 0, 10_000);
const closes = async (log: RecordLog, topic: string): Promise<number[]> =>
  (await all(log, topic)).map(({ value }) => JSON.parse(value!.toString()).c);

describe('compaction', () => {
  test('leaves exactly the newest record of each key', async () => {
    const log = opened();
    await log.createTopics([{ topic: 'bars', compacted: true }]);
    await log.append([bar('bars', '10:00', 1), bar('bars', '10:01', 2), bar('bars', '10:00', 3)]);
    await log.append([bar('bars', '10:02', 4), bar('bars', '10:01', 5), bar('bars', '10:01', 6)]);
    expect((await all(log, 'bars')).map(({ offset, key }) => [offset, key])).toEqual([
      [2, '10:00'],
      [3, '10:02'],
      [5, '10:01'],
    ]);
    expect(await log.ranges(['bars'])).toEqual([{ topic: 'bars', partition: 0, earliest: 2, end: 6 }]);
  });

  test('tells any two keys apart, and finds each again', async () => {
    const log = opened();
    const key = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'binary', minLength: 400, maxLength: 1200 }),
    );
    let topic = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(key, { minLength: 1, maxLength: 10 }), async (keys) => {
        const name = `bars.${(topic += 1)}`;
        await log.createTopics([{ topic: name, compacted: true }]);
        for (const rev of [1, 2]) await log.append(keys.map((k) => bar(name, k, rev)));
        const found = await all(log, name);
        expect(found.map((record) => record.key).sort()).toEqual([...new Set(keys)].sort());
        expect(await closes(log, name)).toEqual(found.map(() => 2));
      }),
      { numRuns: 40 },
    );
  });

  test('holds for each partition and topic by itself', async () => {
    const log = opened();
    await log.createTopics([
      { topic: 'bars.A', compacted: true },
      { topic: 'bars.B', compacted: true },
      { topic: 'ticks' },
    ]);
    await log.append(
      ['bars.A', 'bars.B', 'ticks'].flatMap((topic) => [bar(topic, '10:00', 1), bar(topic, '10:00', 2)]),
    );
    expect(await Promise.all(['bars.A', 'bars.B', 'ticks'].map((topic) => closes(log, topic)))).toEqual([
      [2],
      [2],
      [1, 2],
    ]);
  });

  test('refuses a record without a key', async () => {
    const log = opened();
    await log.createTopics([{ topic: 'bars', compacted: true }]);
    await expect(log.append([{ topic: 'bars', key: null, value: Buffer.from('1') }])).rejects.toMatchObject({
      code: 'log.refused',
    });
  });
});

describe('retention', () => {
  test('drops what is older than the topic keeps it, oldest first, and no more', async () => {
    const log = opened({ retentionMs: 7 * DAY });
    await log.createTopics([
      { topic: 'ticks.rejected', retentionMs: DAY },
      { topic: 'bars', compacted: true },
    ]);
    for (const topic of ['ticks', 'ticks.rejected', 'bars'])
      await log.append([9, 8, 6, 2, 0.5].map((days) => bar(topic, String(days), days, now - days * DAY)));
    await everyTick();
    expect(await closes(log, 'ticks')).toEqual([6, 2, 0.5]);
    expect(await closes(log, 'ticks.rejected')).toEqual([0.5]);
    expect(await closes(log, 'bars')).toEqual([9, 8, 6, 2, 0.5]);
    expect(await log.ranges(['ticks'])).toEqual([{ topic: 'ticks', partition: 0, earliest: 2, end: 5 }]);
    expect((await readPartition(log, 'ticks', 0, 0, 1)).map(({ offset }) => offset)).toEqual([2]);
  });

  test('goes on counting when all was dropped', async () => {
    const log = opened();
    await log.append([bar('ticks', 'EURUSD', 1), bar('ticks', 'EURUSD', 2)]);
    now += 8 * DAY;
    await everyTick();
    expect(await log.ranges(['ticks'])).toEqual([{ topic: 'ticks', partition: 0, earliest: 2, end: 2 }]);
    await log.append([bar('ticks', 'EURUSD', 3)]);
    expect((await all(log, 'ticks')).map(({ offset }) => offset)).toEqual([2]);
  });

  test('drops more than fits into one step', async () => {
    const log = opened();
    await log.append(Array.from({ length: 5000 }, (_, i) => bar('ticks', 'EURUSD', i)));
    now += 8 * DAY;
    await log.append([bar('ticks', 'EURUSD', 5000)]);
    await everyTick();
    expect(await closes(log, 'ticks')).toEqual([5000]);
  });

  test('of a compacted topic forgets the key too', async () => {
    const log = opened();
    await log.createTopics([{ topic: 'bars', compacted: true, retentionMs: DAY }]);
    await log.append([bar('bars', '10:00', 1), bar('bars', '10:01', 2)]);
    now += 2 * DAY;
    await log.append([bar('bars', '10:01', 3)]);
    await everyTick();
    expect(await closes(log, 'bars')).toEqual([3]);
    const env = acquire(path);
    onTestFinished(() => release(env));
    expect([...env.newest.getKeys({})].map(([, , key]) => key)).toEqual(['k10:01']);
  });

  test('gives a group that stands before the earliest record that record', async () => {
    const log = opened();
    await log.append([1, 2, 3].map((close) => bar('ticks', 'EURUSD', close)));
    now += 8 * DAY;
    await log.append([bar('ticks', 'EURUSD', 4)]);
    await everyTick();
    const stop = new AbortController();
    const seen: number[] = [];
    const handle = async (batch: readonly LogRecord[]): Promise<[]> => {
      seen.push(...batch.map(({ offset }) => offset));
      stop.abort();
      return [];
    };
    const losses: LossNotice[] = [];
    const onLoss = (loss: LossNotice): void => void losses.push(loss);
    await log.consume({ group: 'bars', topics: { topics: ['ticks'] }, onLoss }, handle, stop.signal);
    expect(seen).toEqual([3]);
    // It begins at what is kept: it has missed nothing.
    expect(losses).toEqual([]);
  });

  test('tells a group what was dropped before it read it, before it gives what came later', async () => {
    const log = opened();
    // A consumer has something to do from time to time, too.
    const trim = everyTick;
    const seen: unknown[] = [];
    const read = async (until: number): Promise<void> => {
      const stop = new AbortController();
      const handle = async (batch: readonly LogRecord[]): Promise<LogPosition[]> => {
        seen.push(...batch.map(({ offset }) => offset));
        const next = batch.at(-1)!.offset + 1;
        if (next >= until) stop.abort();
        return [{ topic: 'ticks', partition: 0, offset: next }];
      };
      const onLoss = (loss: LossNotice): void => void seen.push(loss);
      await log.consume({ group: 'bars', topics: { topics: ['ticks'] }, maxBatch: 2, onLoss }, handle, stop.signal);
    };
    await log.append([1, 2, 3, 4, 5].map((close) => bar('ticks', 'EURUSD', close)));
    await read(2);
    now += 8 * DAY;
    await log.append([bar('ticks', 'EURUSD', 6)]);
    await trim();
    await read(6);
    const loss = { topic: 'ticks', partition: 0, from: 2, to: 5, reason: 'truncated' };
    expect(seen).toEqual([0, 1, loss, 5]);
  });
});

test.each`
  bytes
  ${0}
  ${1_000}
  ${4_096}
  ${40_000}
  ${1_000_000}
`('a value of $bytes bytes is read as it was written, among others', async ({ bytes }) => {
  const log = opened();
  const value = Buffer.alloc(bytes, 'EURUSD 1.0841 ');
  await log.append([
    bar('ticks', 'EURUSD', 1),
    { topic: 'ticks', key: 'EURUSD', value },
    { topic: 'ticks', key: 'EURUSD', value },
    bar('ticks', 'EURUSD', 2),
  ]);
  const found = await all(log, 'ticks');
  expect(found.map((record) => record.value!.length)).toEqual([7, bytes, bytes, 7]);
  expect(found[1]!.value!.equals(value) && found[2]!.value!.equals(value)).toBe(true);
});

test.each`
  key     | value | headers
  ${'K'}  | ${99} | ${{}}
  ${'ü'}  | ${98} | ${{}}
  ${null} | ${80} | ${{ instance: 'mirror-1', seq: Buffer.alloc(1) }}
`(
  'a record is too large beyond the limit, and not at it: key $key, $value bytes, headers $headers',
  async ({ key, value, headers }) => {
    const log = opened({ maxRecordBytes: 100 });
    const record = (more: number): NewRecord => ({
      topic: 'ticks',
      key,
      value: Buffer.alloc(value + more),
      headers: new Map(Object.entries(headers)),
    });
    await log.append([record(0)]);
    await expect(log.append([record(1)])).rejects.toMatchObject({
      code: 'log.record.too-large',
      evidence: { topic: 'ticks', bytes: 101, limit: 100 },
    });
    expect(await all(log, 'ticks')).toHaveLength(1);
  },
);

test.each([
  '',
  '.',
  '..',
  'ticks EURUSD',
  'ticks/EURUSD',
  'x'.repeat(250),
])('the topic name %j is refused', async (topic) => {
  const log = opened();
  await expect(log.append([bar(topic, 'EURUSD', 1)])).rejects.toMatchObject({ code: 'log.topic.refused' });
  expect(await log.createTopics([{ topic }])).toEqual([expect.objectContaining({ topic, collidesWith: null })]);
  expect(await log.topics()).toEqual([]);
});

test.each([0, -1, 1.5, 65_537])('%d partitions are refused', async (partitions) => {
  const [refused] = await opened().createTopics([{ topic: 'ticks', partitions }]);
  expect(refused?.reason).toContain(`${partitions} partitions`);
});

test('a folder that cannot be opened is log.unavailable, with its name', async () => {
  const file = join(path, 'file');
  await writeFile(file, '');
  expect(() => lmdbRecordLog({ path: join(file, 'log'), clock })).toThrow(
    expect.objectContaining({ code: 'log.unavailable', message: expect.stringContaining(file) }),
  );
});

test('a log that is closed rejects, waits for its consumers, and leaves other handles alone', async () => {
  const [log, other] = [opened(), opened()];
  await log.append([bar('ticks', 'EURUSD', 1)]);
  const under = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const handle = async (
    batch: readonly LogRecord[],
  ): Promise<{ topic: string; partition: number; offset: number }[]> => {
    begun.resolve();
    await under.promise;
    return [{ topic: 'ticks', partition: 0, offset: batch.at(-1)!.offset + 1 }];
  };
  const consuming = log.consume({ group: 'bars', topics: { topics: ['ticks'] } }, handle, new AbortController().signal);
  await begun.promise;
  const ended: string[] = [];
  const closing = log.close().then(() => ended.push('log'));
  await other.ping();
  expect(ended).toEqual([]);
  under.resolve();
  await Promise.all([closing, consuming, log.close()]);
  await expect(log.append([bar('ticks', 'EURUSD', 2)])).rejects.toMatchObject({ code: 'log.unavailable' });
  expect(await other.committed('bars')).toEqual([{ topic: 'ticks', partition: 0, offset: 1 }]);
  await other.append([bar('ticks', 'EURUSD', 2)]);
  expect(await closes(other, 'ticks')).toEqual([1, 2]);
});

test('a consumer hears at once of what its own process appends, through whichever handle', async () => {
  // Time does not pass, so nothing is found by looking from time to time.
  const sleep: Clock['sleep'] = (_, signal) =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
  const log = lmdbRecordLog({ path, clock: { ...clock, sleep } });
  onTestFinished(() => log.close());
  const other = opened();
  const stop = new AbortController();
  let seen = 0;
  const handle = async (batch: readonly LogRecord[]): Promise<[]> => {
    seen += batch.length;
    if (seen === 100) stop.abort();
    else await other.append([bar('ticks', 'EURUSD', seen)]);
    return [];
  };
  await other.append([bar('ticks', 'EURUSD', 0)]);
  await log.consume({ group: 'bars', topics: { match: /^ticks/ } }, handle, stop.signal);
  expect(seen).toBe(100);
});
