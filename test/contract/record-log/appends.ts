import { expect } from 'vitest';
import type { RecordLog } from '../../../src/ports/record-log.ts';
import type { Case } from '../contract.ts';
import { readAll, readTopic, seqOf, ticks, upTo } from './reading.ts';

/** Every byte there is, and none of it legal UTF-8 as a whole. */
const BYTES = Buffer.from(Array.from({ length: 512 }, (_, i) => 255 - (i % 256)));

/** What `append` promises, and what of it can be read. */
export const appends: readonly Case<RecordLog>[] = [
  [
    'keeps values byte for byte, and tells an empty one from a tombstone',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      const values = [
        Buffer.from('{"ts":1772539200,"price":1.0841}'),
        BYTES,
        Buffer.alloc(0),
        null,
        Buffer.from('ünï🙂'),
      ];
      await log.append(values.map((value) => ({ topic, key: 'EURUSD', value })));
      expect((await readAll(log, topic)).map(({ value }) => value?.toString('hex') ?? null)).toEqual(
        values.map((value) => value?.toString('hex') ?? null),
      );
    },
  ],
  [
    'keeps keys, topic and timestamp',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append([
        { topic, key: 'EURUSD', value: Buffer.from('1'), timestamp: 1_772_539_200_123 },
        { topic, key: null, value: Buffer.from('2'), timestamp: 1_772_539_200_124 },
        { topic, key: 'Ünï 🙂', value: Buffer.from('3'), timestamp: 1_772_539_200_120 },
        { topic, key: '', value: Buffer.from('4'), timestamp: 1_772_539_200_125 },
      ]);
      expect((await readAll(log, topic)).map((r) => [r.topic, r.partition, r.key, r.timestamp])).toEqual([
        [topic, 0, 'EURUSD', 1_772_539_200_123],
        [topic, 0, null, 1_772_539_200_124],
        [topic, 0, 'Ünï 🙂', 1_772_539_200_120],
        [topic, 0, '', 1_772_539_200_125],
      ]);
    },
  ],
  [
    'gives a record without a timestamp the time of its append',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 1));
      const [record] = await readAll(log, topic);
      const now = Date.now(); // ambient-ok: compared with what a real engine says
      expect(Math.abs(record!.timestamp - now)).toBeLessThan(3_600_000);
    },
  ],
  [
    'keeps headers byte for byte, and text as UTF-8',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      const headers = new Map<string, Buffer | string>([
        ['instance', 'mirror-1'],
        ['bytes', BYTES],
        ['empty', ''],
        ['ünï', 'ünï🙂'],
      ]);
      await log.append([{ topic, key: 'EURUSD', value: Buffer.from('1'), headers }, ...ticks(topic, 1)]);
      const [first, second] = await readAll(log, topic);
      expect([...first!.headers].map(([name, value]) => [name, value.toString('hex')])).toEqual(
        [...headers].map(([name, value]) => [name, Buffer.from(value).toString('hex')]),
      );
      expect(second!.headers.size).toBe(0);
    },
  ],
  [
    'keeps the order of an append within a partition, with offsets that rise',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 500));
      const records = await readAll(log, topic);
      expect(records.map(seqOf)).toEqual(upTo(500));
      expect(records.every(({ offset }, i) => i === 0 || offset > records[i - 1]!.offset)).toBe(true);
    },
  ],
  [
    'keeps records of equal keys in one partition, in order, and uses more than one',
    async (log, tools) => {
      const topic = tools.name('ticks');
      const symbols = [
        'EURUSD',
        'GBPUSD',
        'USDJPY',
        'AAPL',
        'MSFT',
        'BTC-USD',
        'ETH-USD',
        'XAUUSD',
        'USOIL',
        'ES',
        'NQ',
        'ZB',
      ];
      await log.createTopics([{ topic, partitions: 4 }]);
      await log.append(upTo(600).flatMap((i) => ticks(topic, 1, { key: symbols[i % symbols.length]!, from: i })));
      const partitions = await Promise.all(upTo(4).map((partition) => readAll(log, topic, partition)));
      for (const symbol of symbols) {
        const holding = partitions.filter((records) => records.some(({ key }) => key === symbol));
        expect(holding).toHaveLength(1);
        expect(holding[0]!.filter(({ key }) => key === symbol).map(seqOf)).toEqual(
          upTo(600).filter((i) => symbols[i % symbols.length] === symbol),
        );
      }
      expect(partitions.filter((records) => records.length > 0).length).toBeGreaterThan(1);
    },
  ],
  [
    'spreads records without a key and loses none',
    async (log, tools) => {
      const topic = tools.name('overseer-events');
      await log.createTopics([{ topic, partitions: 3 }]);
      for (const i of upTo(30)) await log.append(ticks(topic, 10, { key: null, from: i * 10 }));
      expect((await readTopic(log, topic)).map(seqOf).sort((a, b) => a - b)).toEqual(upTo(300));
    },
  ],
  [
    'makes the topics that an append names and that are missing',
    async (log, tools) => {
      const topic = tools.name('ticks.GBPUSD');
      expect(await log.topics()).not.toContain(topic);
      await log.append(ticks(topic, 3));
      expect(await log.topics()).toContain(topic);
      expect((await readAll(log, topic)).map(seqOf)).toEqual([0, 1, 2]);
    },
  ],
  [
    'takes an append of 10,000 records over several topics',
    async (log, tools) => {
      const topics = ['EURUSD', 'AAPL', 'BTC-USD'].map((symbol) => tools.name(`ticks.${symbol}`));
      await log.append(upTo(10_000).flatMap((i) => ticks(topics[i % 3]!, 1, { from: i })));
      for (const [t, topic] of topics.entries())
        expect((await readAll(log, topic)).map(seqOf)).toEqual(upTo(10_000).filter((i) => i % 3 === t));
    },
  ],
  [
    'keeps the order of the calls when one append is made before another has resolved',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.createTopics([{ topic }]);
      await Promise.all(upTo(100).map((i) => log.append(ticks(topic, 20, { from: i * 20 }))));
      expect((await readAll(log, topic)).map(seqOf)).toEqual(upTo(2000));
    },
  ],
  [
    'keeps the order of each of several appenders at the same time, on two handles',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.createTopics([{ topic }]);
      const other = await tools.another();
      const appender = async (name: string, on: RecordLog): Promise<void> => {
        for (const i of upTo(20)) await on.append(ticks(topic, 10, { key: name, from: i * 10 }));
      };
      await Promise.all([appender('a', log), appender('b', other), appender('c', log), appender('d', other)]);
      const records = await readAll(log, topic);
      expect(records).toHaveLength(800);
      for (const name of ['a', 'b', 'c', 'd'])
        expect(records.filter(({ key }) => key === name).map(seqOf)).toEqual(upTo(200));
    },
  ],
  [
    'refuses a record that is too large with log.record.too-large, and goes on',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 1));
      await expect(log.append([{ topic, key: 'EURUSD', value: Buffer.alloc(32 * 1024 * 1024) }])).rejects.toMatchObject(
        { code: 'log.record.too-large' },
      );
      await log.append(ticks(topic, 1, { from: 1 }));
      expect((await readAll(log, topic)).map(seqOf)).toEqual([0, 1]);
    },
  ],
  [
    'rejects an append with one record that is too large when none of the others will come any more',
    async (log, tools) => {
      const [topic, other] = [tools.name('ticks.EURUSD'), tools.name('ticks.GBPUSD')];
      await log.append([...ticks(topic, 1), ...ticks(other, 1)]);
      const large = { topic: other, key: 'GBPUSD', value: Buffer.alloc(32 * 1024 * 1024) };
      const append = log.append([large, ...ticks(topic, 40_000, { from: 1 })]);
      await expect(append).rejects.toMatchObject({ code: 'log.record.too-large' });
      const [found] = await log.ranges([topic]);
      await log.append(ticks(topic, 1, { from: 50_000 }));
      const [after] = await log.ranges([topic]);
      expect(after!.end).toBe(found!.end + 1);
      expect(await readAll(log, other)).toHaveLength(1);
    },
  ],
  [
    'rejects an append to a topic that the log refuses with log.topic.refused, naming both, and takes others',
    async (log, tools) => {
      const [dot, other] = [tools.name('ticks.BRK.B'), tools.name('ticks.EURUSD')];
      const bar = dot.replace('BRK.B', 'BRK_B');
      await log.append(ticks(dot, 1));
      const refused = log.append([...ticks(other, 1), ...ticks(bar, 2)]);
      const behind = [log.append(ticks(dot, 1, { from: 1 })), log.append(ticks(tools.name('ticks.NEW'), 3))];
      const again = log.append(ticks(bar, 1));
      const last = log.append(ticks(other, 1, { from: 1 }));
      for (const append of [refused, again])
        await expect(append).rejects.toMatchObject({
          code: 'log.topic.refused',
          retry: false,
          evidence: { topic: bar, collidesWith: dot, reason: expect.stringContaining(bar) },
        });
      await Promise.all([...behind, last]);
      expect(await log.topics()).not.toContain(bar);
      expect((await readAll(log, dot)).map(seqOf)).toEqual([0, 1]);
      const found = (await readAll(log, other)).map(seqOf);
      expect([[0, 1], [1]]).toContainEqual(found);
      await log.append(ticks(other, 1, { from: 2 }));
      expect((await readAll(log, other)).map(seqOf)).toEqual([...found, 2]);
    },
  ],
  [
    'rejects appends to topics with an illegal name alone',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      const illegal = ['ticks EURUSD', 'x'.repeat(250)].map((name) => log.append(ticks(name, 1)));
      const good = log.append(ticks(topic, 1));
      for (const append of illegal) await expect(append).rejects.toMatchObject({ code: 'log.topic.refused' });
      await good;
      expect(await readAll(log, topic)).toHaveLength(1);
    },
  ],
  ['resolves for an append of nothing', (log) => log.append([])],
  [
    'gives another handle what an append has resolved for, at once',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      const other = await tools.another();
      for (const i of upTo(5)) {
        await log.append(ticks(topic, 10, { from: i * 10 }));
        expect((await readAll(other, topic)).map(seqOf)).toEqual(upTo((i + 1) * 10));
      }
    },
  ],
  [
    'has everything after a restart, and goes on from there',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 100));
      const before = await readAll(log, topic);
      const again = await tools.restart();
      expect(await readAll(again, topic)).toEqual(before);
      await again.append(ticks(topic, 100, { from: 100 }));
      const records = await readAll(again, topic);
      expect(records.map(seqOf)).toEqual(upTo(200));
      expect(records[100]!.offset).toBeGreaterThan(before.at(-1)!.offset);
    },
  ],
  [
    'answers a ping',
    async (log) => {
      await log.ping();
    },
  ],
];
