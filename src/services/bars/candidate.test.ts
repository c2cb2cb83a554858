import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  CandidateMember,
  IDLE,
  LOOK,
  lastBars,
  partialBars,
  RETRY_REFUSED,
} from '../../../test/support/candidate-member.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { epochHeaders } from '../../domain/tape/epoch.ts';
import type { NewRecord, RecordLog } from '../../ports/record-log.ts';

const TEN = Date.UTC(2014, 4, 1, 10);
const SECOND = 1_000;
const EURUSD = 'ticks.EURUSD';
const BARS = 'bars.EURUSD.1m';

async function openLog(topics: readonly string[] = [EURUSD]): Promise<RecordLog> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-candidate-'));
  const log = lmdbRecordLog({ path: folder, clock: systemClock() });
  await log.createTopics(topics.map((topic) => ({ topic })));
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true });
  });
  return log;
}

/** A tick so many seconds after ten; of a mirror's epoch, where that is given. */
const tick = (seconds: number, price: number, headers: [string, string][] = [], topic = EURUSD): NewRecord => ({
  topic,
  key: topic,
  value: Buffer.from(JSON.stringify({ ts: TEN + seconds * SECOND, price, volume: 1 })),
  headers: new Map(headers),
  timestamp: TEN + seconds * SECOND,
});
/** The first mirror's, the second one's, and the first of the second one's, that knew the log up to `follows`. */
const OLD = epochHeaders(1);
const NEW = epochHeaders(2);
const first = (follows: number): [string, string][] => epochHeaders(2, new Map([[0, follows]]));

const memberAt = (log: RecordLog, seconds: number, committed = 0): CandidateMember =>
  new CandidateMember(log, { now: TEN + seconds * SECOND, committed: { [EURUSD]: committed } });

describe('where one mirror took over from another', () => {
  test('what the former one appended after that counts for nothing, and is committed', async () => {
    const log = await openLog();
    await log.append([tick(1, 1.1, OLD), tick(2, 1.2, first(1)), tick(3, 9.9, OLD), tick(70, 1.3, NEW)]);
    await log.append([tick(71, 9.8, OLD)]);
    const member = memberAt(log, 72);
    expect(await member.take(0)).toEqual([{ topic: EURUSD, partition: 0, offset: 5 }]);
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=2 v=2 c=1.2']);
    expect(await member.metrics.text()).toContain('pulse_bars_left_out_ticks_total{side="candidate",reason="older"} 2');
  });

  test('what the new one repeats, since it did not know it, counts once', async () => {
    const log = await openLog();
    await log.append([tick(1, 1.1, OLD), tick(2, 1.2, OLD), tick(3, 1.3, OLD)]);
    await log.append([tick(2, 1.2, first(1)), tick(3, 1.3, NEW), tick(4, 1.4, NEW), tick(70, 1.5, NEW)]);
    expect(await memberAt(log, 72).take(0)).toEqual([{ topic: EURUSD, partition: 0, offset: 7 }]);
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=4 v=4 c=1.4']);
  });

  /** The second mirror did not know what stands at 2 and 3; the bar of 10:00 is written before it has repeated both. */
  async function halfRepeated(log: RecordLog): Promise<void> {
    await log.append([tick(1, 1.1, OLD), tick(2, 1.2, OLD), tick(61, 1.3, OLD), tick(125, 1.4, OLD)]);
    await log.append([tick(61, 1.3, first(2))]);
    expect(await memberAt(log, 126).take(0)).toEqual([{ topic: EURUSD, partition: 0, offset: 5 }]);
    await log.append([tick(125, 1.4, NEW), tick(126, 9.9, OLD), tick(190, 1.5, NEW)]);
  }
  const WHOLE = ['10:00 n=2 v=2 c=1.2', '10:01 n=1 v=1 c=1.3', '10:02 n=1 v=1 c=1.4'];

  test('a restart in the middle decides the same', async () => {
    const log = await openLog();
    await halfRepeated(log);
    await memberAt(log, 191, 5).take(5);
    expect(await lastBars(log, BARS)).toEqual(WHOLE);
  });

  test('so does another member that comes to own the partition, from the first tick that it is given', async () => {
    const log = await openLog();
    const other = new CandidateMember(log, { now: TEN + 100 * SECOND, committed: {} });
    await halfRepeated(log);
    other.assign([EURUSD]);
    await other.take(5);
    expect(await lastBars(log, BARS)).toEqual(WHOLE);
  });

  test('one that starts without any checkpoint decides the same', async () => {
    const log = await openLog();
    await log.append([
      tick(1, 1.1, OLD),
      tick(2, 1.2, OLD),
      tick(2, 1.2, first(1)),
      tick(3, 9.9, OLD),
      tick(70, 1.3, NEW),
    ]);
    await memberAt(log, 72).take(3);
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=2 v=2 c=1.2']);
  });
});

describe('with many symbols', () => {
  const topics = Array.from({ length: 150 }, (_, i) => `ticks.S${i}`);
  const all = (seconds: number, price: number): NewRecord[] => topics.map((topic) => tick(seconds, price, [], topic));
  const member = (log: RecordLog, seconds: number, committed: number): CandidateMember =>
    new CandidateMember(log, {
      now: TEN + seconds * SECOND,
      committed: Object.fromEntries(topics.map((topic) => [topic, committed])),
    });

  test('a start, a look, idle minutes and a batch each take a few calls, however many there are', async () => {
    const log = await openLog(topics);
    await log.append([...all(1, 1.1), ...all(63, 1.2)]);
    await member(log, 64, 0).take(0);
    await log.append(all(64, 1.3));
    const next = member(log, 65, 2);
    await next.take(2);
    expect(next.calls.committed).toBe(1);
    expect(next.calls.ranges).toBeLessThanOrEqual(4);
    expect(next.calls.read).toBeLessThanOrEqual(10);
    await next.beat(LOOK);
    const { ranges, read } = { ...next.calls };
    await next.beat(LOOK);
    expect(next.calls.ranges - ranges).toBe(1);
    expect(next.calls.read - read).toBe(0);
    next.now = TEN + 130 * SECOND;
    await next.beat(IDLE);
    expect(next.calls.ranges - ranges).toBe(2);
    expect(next.calls.read - read).toBe(0);
    expect(next.calls.append).toBe(1);
    for (const topic of topics)
      expect(await lastBars(log, topic.replace('ticks.', 'bars.').concat('.1m'))).toEqual([
        '10:00 n=1 v=1 c=1.1',
        '10:01 n=2 v=2 c=1.3',
      ]);
  });

  test('a hundred partitions have a gauge of their lag, those furthest behind', async () => {
    const log = await openLog(topics);
    await log.append(all(1, 1.1));
    const behind = member(log, 2, 0);
    await behind.take(0);
    await log.append([...all(2, 1.1).slice(100), ...all(3, 1.2).slice(140)]);
    await behind.beat(LOOK);
    const text = await behind.metrics.text();
    const series = text.split('\n').filter((line) => line.startsWith('pulse_bars_lag_records{'));
    expect(series).toHaveLength(50);
    expect(series).toContain('pulse_bars_lag_records{topic="ticks.S149",partition="0"} 2');
    expect(text).toContain('pulse_bars_lag_total_records 60');
  });
});

test('ticks that are gone before they were taken are told, and the minutes around them are partial', async () => {
  const log = await openLog();
  await log.append([tick(1, 1.1), tick(61, 1.2), tick(121, 1.3), tick(124, 1.4), tick(185, 1.5), tick(245, 1.6)]);
  const member = memberAt(log, 125);
  await member.take(0, 2);
  member.lose({ topic: EURUSD, partition: 0, from: 2, to: 4, reason: 'truncated' });
  await member.take(4);
  expect(await lastBars(log, BARS)).toEqual(['10:00 n=1 v=1 c=1.1', '10:01 n=1 v=1 c=1.2', '10:03 n=1 v=1 c=1.5']);
  expect(await partialBars(log, BARS)).toEqual(['10:00', '10:01', '10:03']);
  expect(member.journal.codes()).toContain('log.truncated');
  const text = await member.metrics.text();
  expect(text).toContain('pulse_bars_tape_losses_total{reason="truncated"} 1');
  expect(text).toContain('pulse_bars_truncated_records_total 2');
});

test('what a checkpoint knows is not lost, though the group had not committed it', async () => {
  const log = await openLog();
  await log.append([tick(1, 1.1), tick(61, 1.2), tick(64, 1.3), tick(125, 1.4)]);
  await memberAt(log, 65).take(0, 3);
  const member = memberAt(log, 126);
  member.lose({ topic: EURUSD, partition: 0, from: 1, to: 3, reason: 'truncated' });
  await member.take(3);
  expect(member.journal.codes()).not.toContain('log.truncated');
  expect(await partialBars(log, BARS)).toEqual(['10:00']);
  expect(await lastBars(log, BARS)).toEqual(['10:00 n=1 v=1 c=1.1', '10:01 n=2 v=2 c=1.3']);
});

test('bars whose topic the log refuses are told and counted, those of other symbols go on, and their ticks are not committed', async () => {
  const topics = [EURUSD, 'ticks.BRK.B'];
  const log = await openLog([...topics, 'bars.BRK_B.1m']);
  const all = (seconds: number): NewRecord[] => topics.map((topic) => tick(seconds, 1.1, [], topic));
  await log.append([...all(1), ...all(70)]);
  const committed = { [EURUSD]: 0, 'ticks.BRK.B': 0 };
  const member = new CandidateMember(log, { now: TEN + 71 * SECOND, committed });
  expect(await member.take(0)).toEqual([{ topic: EURUSD, partition: 0, offset: 2 }]);
  await log.append([...all(71), ...all(125)]);
  expect(await member.take(2)).toEqual([{ topic: EURUSD, partition: 0, offset: 4 }]);
  await member.beat(LOOK);
  await member.beat(RETRY_REFUSED);
  expect(await lastBars(log, BARS)).toEqual(['10:00 n=1 v=1 c=1.1', '10:01 n=2 v=2 c=1.1']);
  expect(await log.ranges(['bars.BRK.B.1m'])).toEqual([]);
  expect(member.journal.codes().filter((code) => code === 'topic.refused')).toHaveLength(1);
  expect(await member.metrics.text()).toContain('pulse_bars_refused_total{side="candidate"} 2');
});

test("a member whose write failed is ready again once what it could not write is another one's", async () => {
  const log = await openLog();
  await log.append([tick(1, 1.1), tick(70, 1.2)]);
  const member = memberAt(log, 71);
  const away = Promise.reject(new PulseError('log.unavailable', { at: 'here', reason: 'no answer' }));
  away.catch(() => undefined);
  member.gate = away;
  await expect(member.take(0)).rejects.toThrow('no answer');
  await member.beat(LOOK);
  expect(member.readiness()).toEqual({ ready: false, detail: 'waits for the record log' });
  member.assign([]);
  await member.beat(LOOK);
  expect(member.readiness().ready).toBe(true);
});

test('a defect is told, and the service goes on: its ticks come again', async () => {
  const log = await openLog();
  await log.append([tick(1, 1.1), tick(70, 1.2)]);
  const member = memberAt(log, 71);
  const defect = Promise.reject(new TypeError('x is not a function'));
  defect.catch(() => undefined);
  member.gate = defect;
  await expect(member.take(0)).rejects.toThrow('x is not a function');
  expect(member.journal.codes()).toEqual(['service.started', 'bars.failed']);
  member.gate = Promise.resolve();
  expect(await member.take(0)).toEqual([{ topic: EURUSD, partition: 0, offset: 2 }]);
});

test('an append that nobody answers does not keep a member from ending; its ticks are not committed', async () => {
  const log = await openLog();
  await log.append([tick(1, 1.1), tick(70, 1.2)]);
  const member = memberAt(log, 71);
  member.gate = new Promise(() => undefined);
  const taken = member.take(0);
  member.stop();
  await member.ended;
  expect(await taken).toEqual([]);
});

test('a member hears at the next look that the log answers again, however long it had not', async () => {
  const log = await openLog();
  const member = memberAt(log, 71);
  member.ping = async () => {
    member.now += 5 * SECOND;
    throw new PulseError('log.unavailable', { at: 'here', reason: 'no answer in time' });
  };
  await member.beat(LOOK);
  expect(member.readiness().ready).toBe(false);
  member.ping = async () => undefined;
  member.now += 5 * SECOND;
  await member.beat(LOOK);
  expect(member.readiness().ready).toBe(true);
});
