import { expect } from 'vitest';
import type { RecordLog } from '../../../src/ports/record-log.ts';
import { readPartition } from '../../support/read-partition.ts';
import type { Case } from '../contract.ts';
import { consumer, readAll, seqOf, ticks, upTo } from './reading.ts';

/** What the log promises of topics, ranges and reads outside of any group. */
export const topics: readonly Case<RecordLog>[] = [
  [
    'reads from an offset, at most as many as asked, and nothing at the end',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 100));
      const offsets = (await readAll(log, topic)).map(({ offset }) => offset);
      expect((await readPartition(log, topic, 0, offsets[40]!, 10)).map(seqOf)).toEqual(upTo(50).slice(40));
      expect((await readPartition(log, topic, 0, offsets[95]!, 10)).map(seqOf)).toEqual([95, 96, 97, 98, 99]);
      expect(await readPartition(log, topic, 0, offsets[99]! + 1, 10)).toEqual([]);
    },
  ],
  [
    'tells the range of each partition',
    async (log, tools) => {
      const topic = tools.name('ticks');
      await log.createTopics([{ topic, partitions: 3 }]);
      expect(await log.ranges([topic])).toEqual(
        upTo(3).map((partition) => ({ topic, partition, earliest: 0, end: 0 })),
      );
      await log.append(ticks(topic, 7, { key: 'EURUSD' }));
      const ranges = await log.ranges([topic]);
      expect(ranges.map(({ partition }) => partition)).toEqual([0, 1, 2]);
      for (const { partition, end } of ranges)
        expect((await readAll(log, topic, partition)).at(-1)?.offset ?? -1).toBe(end - 1);
      expect(ranges.reduce((sum, { earliest, end }) => sum + end - earliest, 0)).toBe(7);
    },
  ],
  [
    'says of a topic that does not exist that it holds nothing',
    async (log, tools) => {
      const topic = tools.name('ticks.NONE');
      expect(await log.ranges([topic])).toEqual([]);
      expect(await readPartition(log, topic, 0, 0, 10)).toEqual([]);
      expect(await log.topics()).not.toContain(topic);
    },
  ],
  [
    'tells the ranges of many topics in one call, in their order, without those that do not exist',
    async (log, tools) => {
      const names = upTo(60).map((i) => tools.name(`ticks.S${i}`));
      await log.createTopics(names.map((topic, i) => ({ topic, partitions: i % 3 === 0 ? 2 : 1 })));
      await log.append(names.flatMap((topic, i) => ticks(topic, i)));
      const none = tools.name('ticks.NONE');
      const ranges = await log.ranges([names[3]!, none, ...names, names[7]!, 'no topic at all']);
      const order = [names[3]!, ...names.filter((_, i) => i !== 3)];
      expect(ranges.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual(
        order.flatMap((topic) => upTo(names.indexOf(topic) % 3 === 0 ? 2 : 1).map((at) => `${topic}/${at}`)),
      );
      for (const [i, topic] of names.entries())
        expect(ranges.reduce((sum, { topic: of, end }) => sum + (of === topic ? end : 0), 0)).toBe(i);
      expect(await log.ranges([none])).toEqual([]);
      expect(await log.ranges([])).toEqual([]);
    },
  ],
  [
    'reads many partitions in one call, each from its place, in the order of the requests',
    async (log, tools) => {
      const names = upTo(60).map((i) => tools.name(`ticks.S${i}`));
      await log.append(names.flatMap((topic, i) => ticks(topic, i)));
      const request = (topic: string, from: number, max: number) => ({ topic, partition: 0, from, max });
      const last = await log.read(names.map((topic, i) => request(topic, Math.max(i - 1, 0), 10)));
      expect(last.map((records) => records.map(seqOf))).toEqual(upTo(60).map((i) => (i === 0 ? [] : [i - 1])));
      const some = await log.read([
        request(names[50]!, 10, 3),
        request(tools.name('ticks.NONE'), 0, 5),
        request(names[9]!, 2, 100),
        request(names[50]!, 48, 5),
        { topic: names[9]!, partition: 7, from: 0, max: 5 },
        request(names[20]!, 20, 5),
      ]);
      expect(some.map((records) => records.map(seqOf))).toEqual([
        [10, 11, 12],
        [],
        [2, 3, 4, 5, 6, 7, 8],
        [48, 49],
        [],
        [],
      ]);
      expect(await log.read([])).toEqual([]);
    },
  ],
  [
    'reads partitions with large records together with those with small ones',
    async (log, tools) => {
      const names = upTo(12).map((i) => tools.name(`ticks.L${i}`));
      const sizes = [900_000, 10, 500_000, 100_000, 900_000, 1, 20_000, 900_000, 900_000, 300, 900_000, 900_000];
      const record = (topic: string, bytes: number) => ({ topic, key: null, value: Buffer.alloc(bytes) });
      for (const _ of upTo(3)) await log.append(names.map((topic, i) => record(topic, sizes[i]!)));
      const read = await log.read(names.map((topic) => ({ topic, partition: 0, from: 1, max: 2 })));
      expect(read.map((records) => records.map(({ value }) => value!.length))).toEqual(
        sizes.map((bytes) => [bytes, bytes]),
      );
    },
  ],
  [
    'lists topics sorted, and leaves one that exists as it is',
    async (log, tools) => {
      const [b, a, c] = ['b', 'a', 'c'].map((word) => tools.name(word)) as [string, string, string];
      await log.createTopics([{ topic: b, partitions: 2 }, { topic: a }]);
      await log.append(ticks(b, 5));
      await log.createTopics([{ topic: b, partitions: 5, compacted: true }, { topic: c }]);
      const mine = (await log.topics()).filter((topic) => [a, b, c].includes(topic));
      expect(mine).toEqual([a, b, c]);
      expect(await log.ranges([b])).toHaveLength(2);
      expect((await log.ranges([b])).reduce((sum, { end }) => sum + end, 0)).toBe(5);
    },
  ],
  [
    'makes a topic once when several ask for it at the same time',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      const other = await tools.another();
      await Promise.all([log, other, log, other].map((on) => on.createTopics([{ topic, partitions: 2 }])));
      expect(await log.ranges([topic])).toHaveLength(2);
    },
  ],
  [
    'refuses a topic that differs from another only in . and _, names both, and makes the others',
    async (log, tools) => {
      const [dot, other] = [tools.name('ticks.BRK.B'), tools.name('ticks.EURUSD')];
      const bar = dot.replace('BRK.B', 'BRK_B');
      expect(await log.createTopics([{ topic: dot }])).toEqual([]);
      const refused = await log.createTopics([{ topic: bar }, { topic: other }, { topic: dot }]);
      expect(refused).toEqual([{ topic: bar, collidesWith: dot, reason: expect.stringContaining(bar) }]);
      expect(refused[0]!.reason).toContain(dot);
      expect((await log.ranges([dot, bar, other])).map(({ topic }) => topic)).toEqual([dot, other]);
      expect(await log.topics()).not.toContain(bar);
    },
  ],
  [
    'makes the first of two topics in one call that collide, and refuses the second',
    async (log, tools) => {
      const first = tools.name('ticks.BRK_A');
      const second = first.replace('BRK_A', 'BRK.A');
      const refused = await log.createTopics([{ topic: first }, { topic: second }, { topic: first }]);
      expect(refused).toEqual([{ topic: second, collidesWith: first, reason: expect.stringContaining(second) }]);
      expect((await log.ranges([second, first])).map(({ topic }) => topic)).toEqual([first]);
    },
  ],
  [
    'refuses topics with an illegal name or an impossible number of partitions alone',
    async (log, tools) => {
      const [good, torn] = [tools.name('ticks.EURUSD'), tools.name('ticks.TORN')];
      const illegal = ['ticks EURUSD', 'x'.repeat(250), '..'];
      const refused = await log.createTopics([
        ...illegal.map((topic) => ({ topic })),
        { topic: torn, partitions: 0 },
        { topic: good },
      ]);
      expect(refused.map(({ topic }) => topic).sort()).toEqual([...illegal, torn].sort());
      for (const { reason, topic, collidesWith } of refused)
        expect([reason.includes(topic), collidesWith]).toEqual([true, null]);
      expect(await log.ranges([torn, good])).toHaveLength(1);
    },
  ],
  [
    'makes a thousand topics in one call',
    async (log, tools) => {
      const names = upTo(1000).map((i) => tools.name(`ticks.M${i}`));
      expect(await log.createTopics(names.map((topic) => ({ topic, partitions: 1 })))).toEqual([]);
      expect(await log.ranges(names)).toHaveLength(1000);
    },
  ],
  [
    'keeps topics and their partitions over a restart',
    async (log, tools) => {
      const topic = tools.name('bars.EURUSD.1m');
      await log.createTopics([{ topic, partitions: 3, compacted: true }]);
      expect(await (await tools.restart()).ranges([topic])).toHaveLength(3);
    },
  ],
  [
    'keeps the newest record of each key of a compacted topic, in order',
    async (log, tools) => {
      const topic = tools.name('bars.EURUSD.1m');
      await log.createTopics([{ topic, compacted: true }]);
      const minutes = ['1772539200', '1772539260', '1772539320'];
      for (const rev of upTo(40))
        await log.append(minutes.map((key, m) => ticks(topic, 1, { key, from: rev * 3 + m })[0]!));
      await log.append([{ topic, key: minutes[1]!, value: null }]);
      const records = await readAll(log, topic);
      const newest = new Map(records.map((record) => [record.key, record]));
      expect([...newest].map(([key, { value }]) => [key, value === null ? null : seqOf({ value })]).sort()).toEqual([
        [minutes[0], 117],
        [minutes[1], null],
        [minutes[2], 119],
      ]);
      expect(records.every(({ offset }, i) => i === 0 || offset > records[i - 1]!.offset)).toBe(true);
    },
  ],
  [
    'gives a consumer the newest record of each key of a compacted topic',
    async (log, tools) => {
      const topic = tools.name('bars.EURUSD.1m');
      await log.createTopics([{ topic, compacted: true }]);
      for (const rev of upTo(5))
        await log.append(
          upTo(50).map((minute) => ticks(topic, 1, { key: String(minute), from: rev * 50 + minute })[0]!),
        );
      const reader = consumer(log, tools, { group: tools.name('readers'), topics: { topics: [topic] } });
      await tools.until(
        'every newest bar came',
        () => new Set(reader.records.map(seqOf).filter((seq) => seq >= 200)).size === 50,
      );
    },
  ],
];
