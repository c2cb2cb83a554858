import { expect } from 'vitest';
import type { RecordLog } from '../../../src/ports/record-log.ts';
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
      expect((await log.read(topic, 0, offsets[40]!, 10)).map(seqOf)).toEqual(upTo(50).slice(40));
      expect((await log.read(topic, 0, offsets[95]!, 10)).map(seqOf)).toEqual([95, 96, 97, 98, 99]);
      expect(await log.read(topic, 0, offsets[99]! + 1, 10)).toEqual([]);
    },
  ],
  [
    'tells the range of each partition',
    async (log, tools) => {
      const topic = tools.name('ticks');
      await log.createTopics([{ topic, partitions: 3 }]);
      expect(await log.ranges(topic)).toEqual(upTo(3).map((partition) => ({ topic, partition, earliest: 0, end: 0 })));
      await log.append(ticks(topic, 7, { key: 'EURUSD' }));
      const ranges = await log.ranges(topic);
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
      expect(await log.ranges(topic)).toEqual([]);
      expect(await log.read(topic, 0, 0, 10)).toEqual([]);
      expect(await log.topics()).not.toContain(topic);
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
      expect(await log.ranges(b)).toHaveLength(2);
      expect((await log.ranges(b)).reduce((sum, { end }) => sum + end, 0)).toBe(5);
    },
  ],
  [
    'makes a topic once when several ask for it at the same time',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      const other = await tools.another();
      await Promise.all([log, other, log, other].map((on) => on.createTopics([{ topic, partitions: 2 }])));
      expect(await log.ranges(topic)).toHaveLength(2);
    },
  ],
  [
    'keeps topics and their partitions over a restart',
    async (log, tools) => {
      const topic = tools.name('bars.EURUSD.1m');
      await log.createTopics([{ topic, partitions: 3, compacted: true }]);
      expect(await (await tools.restart()).ranges(topic)).toHaveLength(3);
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
