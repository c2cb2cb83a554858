import { describe, expect, test } from 'vitest';
import { CandidateMember, IDLE, LOOK, lastBars, RETRY_REFUSED } from '../../../test/support/candidate-member.ts';
import { recordingJournal } from '../../../test/support/recording-journal.ts';
import { memoryLog, memoryStreams, SlowWrites } from '../../../test/support/slow-writes.ts';
import { virtualClock } from '../../adapters/clock/virtual.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { defaultBarOptions } from '../../domain/bar/bar-options.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { NewRecord, RecordLog } from '../../ports/record-log.ts';
import type { TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { IncumbentBars } from './incumbent.ts';

const TEN = Date.UTC(2014, 4, 1, 10);
const TICKS = 'ticks.EURUSD';
const BARS = 'bars.EURUSD.1m';
const payload = (seconds: number, price: number): Buffer =>
  Buffer.from(JSON.stringify({ ts: TEN + seconds * 1_000, price, volume: 1 }));

describe('the candidate', () => {
  const tick = (seconds: number, price: number): NewRecord => ({
    topic: TICKS,
    key: 'EURUSD',
    value: payload(seconds, price),
    timestamp: TEN + seconds * 1_000,
  });
  const memberOf = (log: RecordLog, seconds: number): CandidateMember =>
    new CandidateMember(log, { now: TEN + seconds * 1_000, committed: { [TICKS]: 0 } });
  /** A log that holds these ticks, and a member at so many seconds after ten. */
  async function desk(ticks: readonly NewRecord[], seconds: number, refused?: Set<string>) {
    const writes = new SlowWrites();
    const log = memoryLog(writes, refused);
    await log.append(ticks);
    writes.done.length = 0;
    return { writes, log, member: memberOf(log, seconds) };
  }

  test('gives a batch to be committed only when its topics, its rejects and its bars are in, one after the other', async () => {
    const useless = { ...tick(5, 1), value: Buffer.from('{"price":1}') };
    const { writes, log, member } = await desk([tick(1, 1.1), useless, tick(310, 1.2), tick(370, 1.3)], 371);
    expect(await member.take(0)).toEqual([{ topic: TICKS, partition: 0, offset: 4 }]);
    expect(writes.underWay).toBe(0);
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=1 v=1 c=1.1', '10:05 n=1 v=1 c=1.2']);
    expect(writes.done.map((what) => what.split(' ')[0])).toEqual(['create', 'append', 'append']);
    expect(writes.early).toEqual([]);
  });

  test('gives nothing to be committed where the bars could not be written', async () => {
    const { writes, log, member } = await desk([tick(1, 1.1), tick(70, 1.2)], 71);
    const away = new PulseError('log.unavailable', { at: 'here', reason: 'no answer' });
    writes.failures = [away];
    await expect(member.take(0)).rejects.toBe(away);
    expect(await member.take(0)).toEqual([{ topic: TICKS, partition: 0, offset: 2 }]);
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=1 v=1 c=1.1']);
    expect(writes.early).toEqual([]);
  });

  test('is through with a beat only when the bars of idle minutes are in', async () => {
    const { writes, log, member } = await desk([tick(1, 1.1)], 2);
    await member.take(0);
    member.now = TEN + 600_000;
    await member.beat(IDLE);
    expect(writes.underWay).toBe(0);
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=1 v=1 c=1.1']);
    expect(writes.early).toEqual([]);
  });

  test('is through with a look only when the bars that another overwrote are in again', async () => {
    const { writes, log, member: paused } = await desk([tick(1, 1.1)], 2);
    await paused.take(0);
    paused.now = TEN + 600_000;
    const gate = Promise.withResolvers<void>();
    paused.gate = gate.promise;
    const writing = paused.beat(IDLE);
    while (paused.calls.append === 0) await new Promise((turn) => setImmediate(turn));
    // It lost its partition meanwhile, and does not know it.
    await log.append([tick(2, 1.2), tick(70, 1.3)]);
    const member = memberOf(log, 71);
    await member.take(0);
    gate.resolve();
    await writing;
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=1 v=1 c=1.1']);
    await member.beat(LOOK);
    expect(writes.underWay).toBe(0);
    expect(await lastBars(log, BARS)).toEqual(['10:00 n=2 v=2 c=1.2']);
    expect(writes.early).toEqual([]);
  });

  test('is through with asking for a refused topic only when that has answered', async () => {
    const refused = new Set([BARS]);
    const { writes, member } = await desk([tick(1, 1.1), tick(70, 1.2)], 71, refused);
    await member.take(0);
    refused.clear();
    await member.beat(RETRY_REFUSED);
    expect(writes.underWay).toBe(0);
    expect(member.journal.codes()).toContain('topic.accepted');
  });
});

describe('the incumbent', () => {
  const tick = (seq: number, seconds: number): TapeTick => ({
    channel: TICKS,
    symbol: 'EURUSD',
    payload: payload(seconds, 1.1),
    hash: seq,
    receivedAt: TEN + seconds * 1_000,
    since: TEN + seconds * 1_000,
    instance: 'desk-1',
    seq,
    joinedAt: null,
  });

  /** What the service wrote of these batches, and what was not awaited until its end. */
  async function runOn(batches: readonly (readonly TapeTick[])[], failures: Error[] = []) {
    const writes = new SlowWrites();
    writes.failures = failures;
    const left = [...batches];
    let taken = 0;
    const tape: TickTape = {
      run: async () => undefined,
      resume: async () => undefined,
      over: false,
      hold: async () => undefined,
      forget: async () => undefined,
      next: async () => {
        // What was begun right before shows a turn later.
        await new Promise((turn) => setImmediate(turn));
        writes.look('next');
        return [...(left.shift() ?? [])];
      },
      taken: (count) =>
        writes.write(`taken ${count}`, () => {
          taken += count;
        }),
      park: () => writes.write('park', () => true),
      subscribed: true,
      through: () => null,
      begin: null,
      waiting: { memory: 0, disk: 0 },
    };
    const streams = memoryStreams(writes) as EntryStream;
    const clock = virtualClock(TEN);
    const bars = new IncumbentBars(
      { tape, streams, clock, metrics: prometheusMetrics({ process: false }), journal: recordingJournal() },
      {
        bars: defaultBarOptions,
        nonPositive: () => false,
        instance: 'run',
        streams: 'bars',
        keepBars: null,
        batch: 10,
      },
    );
    const over = bars.run(new AbortController().signal).finally(() => writes.look('the end'));
    const ended = over.then(() => true);
    while (!(await Promise.race([ended, new Promise((turn) => setImmediate(() => turn(false)))])))
      await clock.advance(100);
    const written = await streams.range('bars:1m:EURUSD', '-', '+', 10);
    return { writes, taken, closes: written.map(({ fields }) => `${fields.n}`) };
  }

  test('asks for more, takes ticks off the tape and ends only when what it wrote is in', async () => {
    const { writes, taken, closes } = await runOn([[tick(1, 1), tick(2, 10)], [tick(3, 70)], [tick(4, 130)]]);
    expect(writes.early).toEqual([]);
    expect({ taken, closes }).toEqual({ taken: 4, closes: ['2', '1'] });
    expect(writes.done).toEqual(['append', 'append', 'append', 'taken 4', 'park', 'append', 'taken 0']);
  });

  test('takes no tick off the tape before a write that failed is in', async () => {
    const away = new PulseError('redis.unavailable', { at: 'here', reason: 'no answer' });
    const { writes, taken, closes } = await runOn([[tick(1, 1)], [tick(2, 70)]], [away, away]);
    expect(writes.early).toEqual([]);
    expect({ taken, closes }).toEqual({ taken: 2, closes: ['1'] });
  });
});
