import { expect } from 'vitest';
import type { RecordLog } from '../../../src/ports/record-log.ts';
import type { Case } from '../contract.ts';
import { after, consumer, once, type Reader, type RecordLogTools, seqOf, ticks, upTo } from './reading.ts';

const PARTITIONS = 4;
const symbols = upTo(40).map((i) => `S${i}`);

/** A topic of four partitions, with `count` ticks over 40 symbols. */
async function tape(log: RecordLog, topic: string, count: number, from = 0): Promise<void> {
  await log.createTopics([{ topic, partitions: PARTITIONS }]);
  await log.append(upTo(count).flatMap((i) => ticks(topic, 1, { key: symbols[i % symbols.length]!, from: from + i })));
}

const allHeldOnce = (...readers: Reader[]): boolean => {
  const held = readers.flatMap(({ holds }) => [...holds]);
  return held.length === PARTITIONS && new Set(held).size === PARTITIONS;
};

const shared = (tools: RecordLogTools, ...readers: Reader[]): Promise<void> =>
  tools.until(
    'the partitions are shared',
    () => allHeldOnce(...readers) && readers.every(({ holds }) => holds.size > 0),
  );

const handled = (...readers: Reader[]): number[] =>
  [...new Set(readers.flatMap(({ records }) => records.map(seqOf)))].sort((a, b) => a - b);

/** What `consume` promises to the members of groups. */
export const groups: readonly Case<RecordLog>[] = [
  [
    'gives every group all records',
    async (log, tools) => {
      const topic = tools.name('ticks');
      await tape(log, topic, 200);
      const readers = ['bars', 'enrichment'].map((group) =>
        consumer(log, tools, { group: tools.name(group), topics: { topics: [topic] } }),
      );
      for (const reader of readers) await tools.until('all came', () => once(reader.records).length >= 200);
    },
  ],
  [
    'shares the partitions among the members of a group, who together handle all records',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks'), tools.name('bars')];
      await tape(log, topic, 400);
      const one = consumer(log, tools, { group, topics: { topics: [topic] } });
      await tools.until('the first member has begun', () => one.records.length > 0);
      const two = consumer(await tools.another(), tools, { group, topics: { topics: [topic] } });
      await shared(tools, one, two);
      await tape(log, topic, 400, 400);
      await tools.until('all were handled', () => handled(one, two).length >= 800);
      expect(handled(one, two)).toEqual(upTo(800));
      expect(one.records.map(seqOf).some((seq) => seq >= 400)).toBe(true);
      expect(two.records.map(seqOf).some((seq) => seq >= 400)).toBe(true);
    },
  ],
  [
    'gives the partitions of a member that ends to the others, from what it had committed',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks'), tools.name('bars')];
      await tape(log, topic, 400);
      const one = consumer(log, tools, { group, topics: { topics: [topic] } });
      const two = consumer(await tools.another(), tools, { group, topics: { topics: [topic] } });
      await shared(tools, one, two);
      await tools.until('all were handled', () => handled(one, two).length >= 400);
      await two.stop();
      await tools.until('the other holds all', () => one.holds.size === PARTITIONS);
      await tape(log, topic, 400, 400);
      await tools.until(
        'it handled all that came since',
        () => handled(one).filter((seq) => seq >= 400).length === 400,
      );
      expect(handled(one, two)).toEqual(upTo(800));
    },
  ],
  [
    'redelivers to the others what a member that ends had not committed',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks'), tools.name('bars')];
      await tape(log, topic, 400);
      const forgetful = consumer(await tools.another(), tools, { group, topics: { topics: [topic] } }, () => []);
      await tools.until('it was given all', () => handled(forgetful).length >= 400);
      const one = consumer(log, tools, { group, topics: { topics: [topic] } });
      await shared(tools, one, forgetful);
      await forgetful.stop();
      await tools.until('the other handled all', () => handled(one).length >= 400);
    },
  ],
  [
    'loses nothing while members come and go',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks'), tools.name('bars')];
      await tape(log, topic, 100);
      const settled = new Set<number>();
      const member = (on: RecordLog): Reader =>
        consumer(on, tools, { group, topics: { topics: [topic] }, maxBatch: 25 }, async (batch) => {
          await tools.until('a turn has passed', () => true);
          for (const record of batch) settled.add(seqOf(record));
          return after(batch);
        });
      const steady = member(log);
      for (const round of upTo(3)) {
        const guest = member(await tools.another());
        await tape(log, topic, 300, 100 + round * 300);
        await tools.until('the guest holds a share', () => guest.holds.size > 0);
        await guest.stop();
      }
      await tools.until('all were handled', () => settled.size >= 1000);
      expect([...settled].sort((a, b) => a - b)).toEqual(upTo(1000));
      expect(steady.records.length).toBeGreaterThan(0);
    },
  ],
  [
    'shares the topics that match among the members, topics made later too',
    async (log, tools) => {
      const [family, group] = [tools.name('ticks'), tools.name('bars')];
      const match = new RegExp(`^${family}\\.`);
      await log.append(upTo(4).flatMap((i) => ticks(`${family}.S${i}`, 20, { from: i * 20 })));
      const one = consumer(log, tools, { group, topics: { match } });
      const two = consumer(await tools.another(), tools, { group, topics: { match } });
      await shared(tools, one, two);
      await log.append(upTo(4).flatMap((i) => ticks(`${family}.T${i}`, 20, { from: 80 + i * 20 })));
      await tools.until('all were handled', () => handled(one, two).length >= 160);
      expect(handled(one, two)).toEqual(upTo(160));
    },
  ],
  [
    'tells where a group stands only for partitions in which it has committed',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks'), tools.name('bars')];
      expect(await log.committed(group)).toEqual([]);
      await log.createTopics([{ topic, partitions: PARTITIONS }]);
      await log.append(ticks(topic, 10));
      const reader = consumer(log, tools, { group, topics: { topics: [topic] } });
      await tools.until('all came', () => once(reader.records).length >= 10);
      await reader.stop();
      const last = reader.records.at(-1)!;
      expect(await log.committed(group)).toEqual([{ topic, partition: last.partition, offset: last.offset + 1 }]);
    },
  ],
];
