import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import type { NewRecord, RecordLog } from '../../src/ports/record-log.ts';
import { CandidateMember, IDLE, LOOK, lastBars as lastPerKey } from '../support/candidate-member.ts';

/* A member of the group that was paused writes when another one has taken its partition over. On a log that compacts at once. */

const TEN = Date.UTC(2014, 4, 1, 10);
const SECOND = 1_000;

async function openLog(): Promise<RecordLog> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-late-'));
  const log = lmdbRecordLog({ path: folder, clock: systemClock() });
  await log.createTopics([{ topic: 'ticks.EURUSD' }]);
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true });
  });
  return log;
}

const tick = (seconds: number, price: number): NewRecord => ({
  topic: 'ticks.EURUSD',
  key: 'EURUSD',
  value: Buffer.from(JSON.stringify({ ts: TEN + seconds * SECOND, price, volume: 1 })),
  timestamp: TEN + seconds * SECOND,
});

/** A member that holds the partition; `committed`: where the group stands. */
class Member extends CandidateMember {
  readonly #committed: Record<string, number>;

  constructor(log: RecordLog, committed = { 'ticks.EURUSD': 0 }) {
    super(log, { now: TEN, committed });
    this.#committed = committed;
  }

  /** Another member has brought the group so far. */
  committed(offset: number): void {
    this.#committed['ticks.EURUSD'] = offset;
  }
}

const endOf = async (log: RecordLog, topic: string): Promise<number> => (await log.ranges([topic]))[0]!.end;

const WHOLE = ['10:00 n=4 v=4 c=1.4', '10:01 n=1 v=1 c=1.5'];

/** When the second member first looks after late writes: before it has written, right after, or only later. */
type Looks = 'before' | 'after' | 'later';

/** One member takes two ticks; another one the rest, and writes. The first one is where `asleep` left it. */
async function takenOver(
  log: RecordLog,
  asleep: (first: Member) => Promise<void>,
  looks: Looks = 'later',
): Promise<{ first: Member; second: Member }> {
  await log.append([tick(1, 1.1), tick(10, 1.2)]);
  const first = new Member(log);
  first.now = TEN + 12 * SECOND;
  await first.take(0);
  await asleep(first);
  await log.append([tick(30, 1.3), tick(50, 1.4), tick(70, 1.5), tick(303, 1.6)]);
  const second = new Member(log);
  second.now = TEN + 304 * SECOND;
  if (looks === 'before') {
    await second.take(0, 2);
    await second.beat(LOOK);
  }
  await second.take(0);
  if (looks === 'after') await second.beat(LOOK);
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(WHOLE);
  return { first, second };
}

test('a member that wakes closes no minute by the clock of which the log holds more', async () => {
  const log = await openLog();
  const { first } = await takenOver(log, async () => undefined);
  const written = await endOf(log, 'bars.EURUSD.1m');
  first.now = TEN + 400 * SECOND;
  await first.beat(IDLE);
  expect(await endOf(log, 'bars.EURUSD.1m')).toBe(written);
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(WHOLE);
});

test('where nothing more is in the log, silence closes the minute as ever', async () => {
  const log = await openLog();
  await log.append([tick(1, 1.1), tick(10, 1.2)]);
  const only = new Member(log);
  only.now = TEN + 12 * SECOND;
  await only.take(0);
  only.now = TEN + 62 * SECOND;
  await only.beat(IDLE);
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(['10:00 n=2 v=2 c=1.2']);
});

test('a member that starts in a quiet market closes by the clock what another one left open', async () => {
  const log = await openLog();
  await takenOver(log, async () => undefined);
  const next = new Member(log);
  next.now = TEN + 400 * SECOND;
  await next.beat(IDLE);
  next.now += 5 * SECOND;
  await next.beat(IDLE);
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual([...WHOLE, '10:05 n=1 v=1 c=1.6']);
});

test('so does one that wakes and still owns its partition', async () => {
  const log = await openLog();
  const { first } = await takenOver(log, async () => undefined);
  first.committed(await endOf(log, 'ticks.EURUSD'));
  for (const seconds of [400, 405]) {
    first.now = TEN + seconds * SECOND;
    await first.beat(IDLE);
  }
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual([...WHOLE, '10:05 n=1 v=1 c=1.6']);
});

/** The first member is paused while its write, of a minute and of five, is under way; `release` lets that go on. */
async function lateWrite(
  log: RecordLog,
  looks: Looks = 'later',
): Promise<{ first: Member; second: Member; release(): Promise<void> }> {
  const gate = Promise.withResolvers<void>();
  let writing: Promise<void> = Promise.resolve();
  const members = await takenOver(
    log,
    async (first) => {
      first.gate = gate.promise;
      first.now = TEN + 400 * SECOND;
      writing = first.beat(IDLE);
      // It has asked whether the log holds more.
      await systemClock().sleep(200);
    },
    looks,
  );
  const release = async (): Promise<void> => {
    gate.resolve();
    await writing;
    expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(['10:00 n=2 v=2 c=1.2', WHOLE[1]]);
    expect(await lastPerKey(log, 'bars.EURUSD.5m')).toEqual(['10:00 n=2 v=2 c=1.2']);
  };
  return { ...members, release };
}

test.each<Looks>([
  'before',
  'after',
  'later',
])('what a former owner overwrote with less, the owner writes again, once; first look: %s', async (looks) => {
  const log = await openLog();
  const { first, second, release } = await lateWrite(log, looks);
  await release();
  await second.beat(LOOK);
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(WHOLE);
  expect(await lastPerKey(log, 'bars.EURUSD.5m')).toEqual(['10:00 n=5 v=5 c=1.5']);
  expect(second.journal.codes()).toContain('bar.rewritten');
  const written = await endOf(log, 'bars.EURUSD.1m');
  for (const member of [first, second, first, second]) await member.beat(LOOK);
  expect(await endOf(log, 'bars.EURUSD.1m')).toBe(written);
  expect(first.journal.codes()).not.toContain('bar.rewritten');
});

test('was the owner gone before it saw that, the next owner writes it again', async () => {
  const log = await openLog();
  const { release } = await lateWrite(log);
  await release();
  await log.append([tick(310, 1.7)]);
  const third = new Member(log);
  third.now = TEN + 311 * SECOND;
  await third.take(6);
  await third.beat(LOOK);
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(WHOLE);
  expect(await lastPerKey(log, 'bars.EURUSD.5m')).toEqual(['10:00 n=5 v=5 c=1.5']);
});

test('so it does in a quiet market, though the late write took the only newer checkpoint with it', async () => {
  const log = await openLog();
  await log.append([tick(1, 1.1), tick(10, 1.2)]);
  const first = new Member(log);
  first.now = TEN + 12 * SECOND;
  await first.take(0);
  const gate = Promise.withResolvers<void>();
  first.gate = gate.promise;
  first.now = TEN + 62 * SECOND;
  const writing = first.beat(IDLE);
  await systemClock().sleep(200);
  await log.append([tick(30, 1.3), tick(50, 1.4), tick(70, 1.5)]);
  const second = new Member(log);
  await second.take(0);
  gate.resolve();
  await writing;
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(['10:00 n=2 v=2 c=1.2']);
  const third = new Member(log, { 'ticks.EURUSD': 5 });
  third.now = TEN + 400 * SECOND;
  await third.beat(IDLE);
  third.now += 5 * SECOND;
  await third.beat(IDLE);
  expect(await lastPerKey(log, 'bars.EURUSD.1m')).toEqual(WHOLE);
});

test('only what a written checkpoint covers is committed', async () => {
  const log = await openLog();
  const member = new Member(log);
  await log.append([tick(1, 1.1)]);
  expect(await member.take(0)).toEqual([]);
  await log.append([tick(61, 1.2)]);
  expect(await member.take(1)).toEqual([]);
  await log.append([tick(62, 1.3)]);
  expect(await member.take(2)).toEqual([{ topic: 'ticks.EURUSD', partition: 0, offset: 3 }]);
  await log.append([tick(63, 1.3)]);
  expect(await member.take(3)).toEqual([]);
});
