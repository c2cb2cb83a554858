import { afterEach, beforeEach, expect, test } from 'vitest';
import { Shell } from '../../../test/support/command-line.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import { makeDataDir } from '../host/data-dir.ts';

let shell: Shell;
beforeEach(async () => {
  shell = await Shell.open();
  await makeDataDir(shell.dataDir);
});
afterEach(() => shell.close());

/** Times lie close to now: older records may be trimmed. */
const START = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000; // ambient-ok: retention goes by the wall clock
const iso = (minute: number) => new Date(START + minute * 60_000).toISOString();

async function fill(): Promise<void> {
  const log = lmdbRecordLog({ path: `${shell.dataDir}/log`, clock: systemClock() });
  await log.createTopics([
    { topic: 'ticks.EURUSD', partitions: 2 },
    { topic: 'bars.EURUSD.1m', compacted: true },
  ]);
  await log.append(
    Array.from({ length: 10 }, (_, i) => ({
      topic: 'ticks.EURUSD',
      key: 'EURUSD',
      value: Buffer.from('{}'),
      timestamp: START + i * 60_000,
    })),
  );
  const stop = new AbortController();
  await log.consume(
    { group: 'desk', topics: { topics: ['ticks.EURUSD'] }, maxBatch: 4 },
    async ([first]) => {
      stop.abort();
      return [{ topic: first!.topic, partition: first!.partition, offset: 4 }];
    },
    stop.signal,
  );
  await log.close();
}

test('topics come with partitions, records and times, groups with their lag', async () => {
  await fill();
  const { code, out } = await shell.run(['topics', '--groups', 'desk,nobody', '--json']);
  expect(code).toBe(0);
  const { topics, groups } = JSON.parse(out);
  expect(topics).toEqual([
    { topic: 'bars.EURUSD.1m', partitions: 1, records: 0, earliest: null, latest: null },
    { topic: 'ticks.EURUSD', partitions: 2, records: 10, earliest: iso(0), latest: iso(9) },
  ]);
  expect(groups).toEqual([
    { group: 'desk', topic: 'ticks.EURUSD', partition: expect.any(Number), committed: 4, end: 10, lag: 6 },
  ]);
});

test('people get the same as columns', async () => {
  await fill();
  const { out } = await shell.run(['topics', '--groups', 'desk']);
  expect(out).toMatch(/^TOPIC +PARTITIONS {2}RECORDS {2}EARLIEST/);
  expect(out).toMatch(new RegExp(`^ticks\\.EURUSD +2 +10 {2}${iso(0)} {2}${iso(9)}$`, 'm'));
  expect(out).toMatch(/^desk +ticks\.EURUSD +\d +4 +10 +6$/m);
});

test('an empty log says so', async () => {
  await lmdbRecordLog({ path: `${shell.dataDir}/log`, clock: systemClock() }).close();
  expect((await shell.run(['topics'])).out).toBe('There are no topics yet.\n');
});
