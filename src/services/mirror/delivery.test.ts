import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readPartition } from '../../../test/support/read-partition.ts';
import { recordingJournal } from '../../../test/support/recording-journal.ts';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import { GAPS_TOPIC, type GapRecord, parseGap } from '../../domain/gap/gap.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import { payloadHash } from '../../domain/tape/tape-alignment.ts';
import { symbolOfTopic } from '../../domain/tick/symbol.ts';
import { MAX_TICK_BYTES } from '../../domain/tick/tick.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import { Delivery } from './delivery.ts';
import { GapWriter } from './gap-writer.ts';

const NOW = Date.UTC(2026, 2, 3, 12);
const never = new AbortController().signal;
let seq = 0;

function tick(channel: string, payload = `{"ts":1772539200,"price":400,"n":${seq}}`, instance = 'one'): TapeTick {
  seq += 1;
  const bytes = Buffer.from(payload);
  const symbol = symbolOfTopic(channel);
  return {
    channel,
    symbol,
    payload: bytes,
    hash: payloadHash(bytes),
    receivedAt: NOW,
    since: NOW,
    instance,
    seq,
    joinedAt: null,
  };
}

async function desk(over: Partial<RecordLog> = {}) {
  const path = await mkdtemp(join(tmpdir(), 'pulse-delivery-'));
  const inner = lmdbRecordLog({ path, clock: systemClock() });
  onTestFinished(async () => {
    await inner.close();
    await rm(path, { recursive: true });
  });
  const log = { ...inner, ...over };
  const clock = steppingClock(NOW);
  const journal = recordingJournal();
  const make = () => new Delivery(log, clock, journal, { partitions: 1, retentionMs: null });
  return { inner, log, clock, journal, make, delivery: make() };
}

const all = (log: RecordLog, topic: string): Promise<LogRecord[]> => readPartition(log, topic, 0, 0, 10_000);
const payloads = async (log: RecordLog, topic: string): Promise<string[]> =>
  (await all(log, topic)).map(({ value }) => String(value));
const text = ({ headers }: LogRecord, name: string): string => String(headers.get(name));

test('ticks whose topic the log refuses go to ticks.rejected, with a reason that names both topics, and the others go on', async () => {
  const { inner, delivery, journal } = await desk();
  const [first, eurusd, refused, more] = [
    tick('ticks.BRK.B'),
    tick('ticks.EURUSD'),
    tick('ticks.BRK_B'),
    tick('ticks.EURUSD'),
  ];
  expect(await delivery.deliver([first, eurusd], never)).toBe(true);
  expect(await delivery.deliver([refused, more], never)).toBe(true);
  expect(await payloads(inner, 'ticks.BRK.B')).toEqual([String(first.payload)]);
  expect(await payloads(inner, 'ticks.EURUSD')).toEqual([eurusd, more].map(({ payload }) => String(payload)));
  const [letter, ...others] = await all(inner, REJECTED_TOPIC);
  expect(others).toEqual([]);
  expect([String(letter!.value), letter!.key]).toEqual([String(refused.payload), 'BRK_B']);
  expect(text(letter!, 'reason')).toBe('tick.topic.refused');
  expect(text(letter!, 'source')).toBe('ticks.BRK_B');
  for (const name of ['ticks.BRK_B', 'ticks.BRK.B']) expect(text(letter!, 'message')).toContain(name);
  expect(delivery.rejected).toBe(1);
  expect(journal.codes()).toEqual(['topic.refused']);
});

test('both of a batch that collide: the first has its topic, the second goes to ticks.rejected', async () => {
  const { inner, delivery } = await desk();
  await delivery.deliver([tick('ticks.BRK_A'), tick('ticks.BRK.A'), tick('ticks.BRK_A'), tick('ticks.BRK.A')], never);
  expect([(await all(inner, 'ticks.BRK_A')).length, (await all(inner, REJECTED_TOPIC)).length]).toEqual([2, 2]);
});

test('a refusal is taken for granted for a minute, then the log is asked again', async () => {
  let asked = 0;
  let allowed = false;
  const { inner, delivery, clock, journal } = await desk({
    createTopics: async (specs) => {
      if (specs.some(({ topic }) => topic === 'ticks.DAX')) asked += 1;
      const refused = allowed ? [] : specs.filter(({ topic }) => topic === 'ticks.DAX');
      await inner.createTopics(specs.filter((spec) => !refused.includes(spec)));
      return refused.map(({ topic }) => ({ topic, reason: `a policy forbids ${topic}`, collidesWith: null }));
    },
  });
  for (let i = 0; i < 5; i += 1) await delivery.deliver([tick('ticks.DAX')], never);
  expect([asked, (await all(inner, REJECTED_TOPIC)).length]).toEqual([1, 5]);
  clock.advance(61_000);
  await delivery.deliver([tick('ticks.DAX')], never);
  expect([asked, (await all(inner, REJECTED_TOPIC)).length]).toEqual([2, 6]);
  allowed = true;
  clock.advance(61_000);
  await delivery.deliver([tick('ticks.DAX')], never);
  expect([asked, (await all(inner, 'ticks.DAX')).length]).toEqual([3, 1]);
  expect(journal.codes()).toEqual(['topic.refused']);
});

test('what a run before brought to ticks.rejected, the next does not bring again, even where the topic is there by now', async () => {
  const { inner, clock, journal, make } = await desk();
  const refusing: RecordLog = {
    ...inner,
    createTopics: async (specs) => {
      const refused = specs.filter(({ topic }) => topic === 'ticks.DAX');
      await inner.createTopics(specs.filter((spec) => !refused.includes(spec)));
      return refused.map(({ topic }) => ({ topic, reason: `a policy forbids ${topic}`, collidesWith: null }));
    },
  };
  const refused = tick('ticks.DAX');
  // It died before the spool forgot the tick.
  const before = new Delivery(refusing, clock, journal, { partitions: 1, retentionMs: null });
  await before.deliver([refused], never);
  const next = tick('ticks.DAX');
  await make().deliver([refused, next], never);
  expect(await payloads(inner, REJECTED_TOPIC)).toEqual([String(refused.payload)]);
  expect(await payloads(inner, 'ticks.DAX')).toEqual([String(next.payload)]);
});

test('rejects are in the log before the ticks around them are, the first of all included', async () => {
  const { inner, clock, journal } = await desk();
  const order: string[] = [];
  const log: RecordLog = {
    ...inner,
    append: async (records) => {
      order.push([...new Set(records.map(({ topic }) => topic))].join());
      await inner.append(records);
    },
  };
  const delivery = new Delivery(log, clock, journal, { partitions: 1, retentionMs: null });
  const large = tick('ticks.DAX', 'x'.repeat(MAX_TICK_BYTES + 1));
  await delivery.deliver([tick('ticks.DAX')], never);
  await delivery.deliver([tick('ticks.DAX'), large, tick('ticks.DAX')], never);
  expect(order).toEqual(['ticks.DAX', REJECTED_TOPIC, 'ticks.DAX']);
});

test('new topics hold up no tick whose topic is there', async () => {
  const order: string[] = [];
  const { inner, delivery } = await desk({
    createTopics: (specs) => {
      order.push(`make ${specs.length}`);
      return inner.createTopics(specs);
    },
    append: (records) => {
      order.push(`append ${records.length} ${records[0]!.topic}`);
      return inner.append(records);
    },
  });
  await delivery.deliver([tick('ticks.EURUSD')], never);
  order.length = 0;
  const fresh = Array.from({ length: 70 }, (_, i) => tick(`ticks.NEW${i}`));
  await delivery.deliver([...fresh, tick('ticks.EURUSD')], never);
  expect(order.toSorted()).toEqual([
    'append 1 ticks.EURUSD',
    'append 10 ticks.NEW30',
    'append 30 ticks.NEW0',
    'append 30 ticks.NEW15',
    'make 10',
    'make 30',
    'make 30',
  ]);
});

test('while a topic is being made, later deliveries bring ticks of other symbols; those of the new one stay in order', async () => {
  const made = Promise.withResolvers<void>();
  const { inner, delivery } = await desk({
    createTopics: async (specs) => {
      if (specs.some(({ topic }) => topic === 'ticks.DAX')) await made.promise;
      return inner.createTopics(specs);
    },
  });
  await delivery.deliver([tick('ticks.EURUSD')], never);
  const dax = [tick('ticks.DAX'), tick('ticks.DAX'), tick('ticks.DAX')];
  const first = delivery.start([dax[0]!, tick('ticks.EURUSD')], never);
  expect(await first.known).toBe(true);
  const second = delivery.start([tick('ticks.EURUSD'), dax[1]!, dax[2]!], never);
  expect(await second.known).toBe(true);
  expect(await all(inner, 'ticks.EURUSD')).toHaveLength(3);
  made.resolve();
  expect(await Promise.all([first.all, second.all])).toEqual([true, true]);
  expect(await payloads(inner, 'ticks.DAX')).toEqual(dax.map(({ payload }) => String(payload)));
});

test('what waits for a topic when the delivery is told to stop is not brought any more', async () => {
  const made = Promise.withResolvers<void>();
  const { inner, delivery } = await desk({
    createTopics: async (specs) => {
      await made.promise;
      return inner.createTopics(specs);
    },
  });
  const stop = new AbortController();
  const { known, all: brought } = delivery.start([tick('ticks.DAX')], stop.signal);
  expect(await known).toBe(true);
  stop.abort();
  expect(await brought).toBe(false);
  made.resolve();
  await delivery.deliver([tick('ticks.EURUSD')], never);
  expect(await all(inner, 'ticks.DAX')).toEqual([]);
});

test('a channel whose name alone is larger than a record goes to ticks.rejected, shortened', async () => {
  const { inner, delivery } = await desk();
  await delivery.deliver([tick(`ticks.${'x'.repeat(3_000_000)}`), tick('ticks.EURUSD')], never);
  const [letter] = await all(inner, REJECTED_TOPIC);
  expect([text(letter!, 'reason'), letter!.headers.get('source')!.length < 400]).toEqual(['tick.symbol.illegal', true]);
  expect(await all(inner, 'ticks.EURUSD')).toHaveLength(1);
});

test('without ticks.rejected itself it can not work, and says why', async () => {
  const { delivery } = await desk({
    createTopics: async ([spec]) => [{ topic: spec!.topic, reason: 'an ACL forbids it', collidesWith: null }],
  });
  await expect(delivery.deliver([tick('ticks.BRK_B')], never)).rejects.toMatchObject({
    code: 'log.topic.needed',
    exit: 77,
    message: expect.stringContaining('an ACL forbids it'),
  });
});

const GAP: GapRecord = {
  id: 'one-1',
  service: 'mirror',
  instance: 'one',
  reason: 'disconnect',
  pattern: 'ticks.*',
  from: NOW - 1_000,
  to: NOW,
  status: 'open',
  filled: 0,
  symbols: {},
};

test('while it may not be written a gap waits, and one that another has closed is forgotten', async () => {
  const { inner, clock, journal } = await desk();
  let may = false;
  const watch = new Delivery(inner, clock, journal, { partitions: 1, retentionMs: null });
  const writer = new GapWriter(inner, clock, watch, () => may, never);
  writer.put(GAP);
  writer.put({ ...GAP, id: 'one-2' });
  expect(await writer.written()).toBe(false);
  expect(await inner.topics()).toEqual([]);
  writer.forget(['one-1']);
  may = true;
  expect(await writer.written()).toBe(true);
  expect((await all(inner, GAPS_TOPIC)).map(({ key }) => key)).toEqual(['one-2']);
});

test('a gap with more symbols than a record holds goes into several, and its closing too', async () => {
  const { inner, clock, journal } = await desk();
  const writer = new GapWriter(
    inner,
    clock,
    new Delivery(inner, clock, journal, { partitions: 1, retentionMs: null }),
    () => true,
    never,
  );
  const names = Array.from({ length: 20_000 }, (_, i) => `${'S'.repeat(90)}${i}`);
  const gap: GapRecord = {
    ...GAP,
    symbols: Object.fromEntries(names.map((name) => [name, { after: NOW - 1_500, before: NOW + 1 }])),
  };
  const stand = async () => [
    ...new Map((await all(inner, GAPS_TOPIC)).map(({ key, value }) => [key, parseGap(value!)!])).values(),
  ];
  writer.put(gap);
  expect(await writer.written()).toBe(true);
  const open = await stand();
  expect(open.flatMap(({ symbols }) => Object.keys(symbols)).sort()).toEqual([...names].sort());
  expect(open.map(({ status }) => status)).toEqual(open.map(() => 'open'));
  writer.put({ ...gap, status: 'closed', filled: 7, symbols: {} });
  expect(await writer.written()).toBe(true);
  const closed = await stand();
  expect(closed.map(({ status }) => status)).toEqual(open.map(() => 'closed'));
  expect(closed.reduce((sum, { filled }) => sum + filled, 0)).toBe(7);
});
