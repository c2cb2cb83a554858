import { expect } from 'vitest';
import type { LogPosition, LogRecord, RecordLog } from '../../../src/ports/record-log.ts';
import { readPartition } from '../../support/read-partition.ts';
import type { Case } from '../contract.ts';
import { after, consumer, once, seqOf, ticks, upTo } from './reading.ts';

/** What `consume` promises to one consumer. */
export const consumers: readonly Case<RecordLog>[] = [
  [
    'starts a new group at the earliest record, then follows what is appended',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 50));
      const reader = consumer(log, tools, { group: tools.name('bars'), topics: { topics: [topic] } });
      await tools.until('the first 50 came', () => reader.records.length >= 50);
      await log.append(ticks(topic, 50, { from: 50 }));
      await tools.until('all 100 came', () => once(reader.records).length >= 100);
      expect(once(reader.records).map(seqOf)).toEqual(upTo(100));
    },
  ],
  [
    'follows what another handle appends',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      const other = await tools.another();
      await log.createTopics([{ topic }]);
      const reader = consumer(log, tools, { group: tools.name('bars'), topics: { topics: [topic] } });
      for (const i of upTo(5)) {
        await other.append(ticks(topic, 10, { from: i * 10 }));
        await tools.until('it came', () => once(reader.records).length >= (i + 1) * 10);
      }
      expect(once(reader.records).map(seqOf)).toEqual(upTo(50));
    },
  ],
  [
    'calls the handler one call at a time, with no more records than allowed, in order per partition',
    async (log, tools) => {
      const topic = tools.name('ticks');
      await log.createTopics([{ topic, partitions: 3 }]);
      await log.append(upTo(900).flatMap((i) => ticks(topic, 1, { key: `S${i % 20}`, from: i })));
      let calls = 0;
      let most = 0;
      let largest = 0;
      const reader = consumer(
        log,
        tools,
        { group: tools.name('bars'), topics: { topics: [topic] }, maxBatch: 70 },
        async (batch) => {
          calls += 1;
          most = Math.max(most, calls);
          largest = Math.max(largest, batch.length);
          await tools.until('a turn has passed', () => true);
          calls -= 1;
          return after(batch);
        },
      );
      await tools.until('all came', () => once(reader.records).length >= 900);
      expect(most).toBe(1);
      expect(largest).toBeLessThanOrEqual(70);
      for (const partition of upTo(3)) {
        const offsets = once(reader.records)
          .filter((r) => r.partition === partition)
          .map(({ offset }) => offset);
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      }
    },
  ],
  [
    'goes on from what was committed when a consumer of the group ends and another begins',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks.EURUSD'), tools.name('bars')];
      await log.append(ticks(topic, 30));
      const first = consumer(log, tools, { group, topics: { topics: [topic] } });
      await tools.until('the first 30 came', () => first.records.length >= 30);
      await first.stop();
      expect(await log.committed(group)).toEqual([{ topic, partition: 0, offset: first.records.at(-1)!.offset + 1 }]);
      await log.append(ticks(topic, 10, { from: 30 }));
      const second = consumer(log, tools, { group, topics: { topics: [topic] } });
      await tools.until('the last came', () => second.records.some((record) => seqOf(record) === 39));
      expect(once(second.records).map(seqOf)).toEqual(upTo(40).slice(30));
    },
  ],
  [
    'keeps a group’s position over a restart',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks.EURUSD'), tools.name('bars')];
      await log.append(ticks(topic, 30));
      const first = consumer(log, tools, { group, topics: { topics: [topic] } });
      await tools.until('the first 30 came', () => first.records.length >= 30);
      await first.stop();
      const before = await log.committed(group);
      const again = await tools.restart();
      expect(await again.committed(group)).toEqual(before);
      await again.append(ticks(topic, 10, { from: 30 }));
      const second = consumer(again, tools, { group, topics: { topics: [topic] } });
      await tools.until('the last came', () => second.records.some((record) => seqOf(record) === 39));
      expect(once(second.records).map(seqOf)).toEqual(upTo(40).slice(30));
    },
  ],
  [
    'commits what the handler returns, though more was delivered',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks.EURUSD'), tools.name('bars')];
      await log.append(ticks(topic, 30));
      const offsets = (await readPartition(log, topic, 0, 0, 30)).map(({ offset }) => offset);
      const position = { topic, partition: 0, offset: offsets[12]! };
      const first = consumer(log, tools, { group, topics: { topics: [topic] } }, () => [position]);
      await tools.until('all came', () => first.records.length >= 30);
      await first.stop();
      expect(await log.committed(group)).toEqual([position]);
      const second = consumer(log, tools, { group, topics: { topics: [topic] } });
      await tools.until('the last came', () => second.records.some((record) => seqOf(record) === 29));
      expect(once(second.records).map(seqOf)).toEqual(upTo(30).slice(12));
    },
  ],
  [
    'commits nothing when the handler returns nothing, and redelivers all of it to the next consumer',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks.EURUSD'), tools.name('bars')];
      await log.append(ticks(topic, 30));
      const first = consumer(log, tools, { group, topics: { topics: [topic] } }, () => []);
      await tools.until('all came', () => once(first.records).length >= 30);
      await first.stop();
      expect(await log.committed(group)).toEqual([]);
      const second = consumer(log, tools, { group, topics: { topics: [topic] } });
      await tools.until('all came again', () => once(second.records).length >= 30);
      expect(once(second.records).map(seqOf)).toEqual(upTo(30));
    },
  ],
  [
    'redelivers what was not committed when the handler rejects, in order',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 40));
      const handled: number[] = [];
      let rejections = 0;
      const answer = (batch: readonly LogRecord[]): readonly LogPosition[] => {
        if (rejections < 3 && batch.some((record) => seqOf(record) >= 10)) {
          rejections += 1;
          throw new Error('the sink is gone');
        }
        handled.push(...batch.map(seqOf));
        return after(batch);
      };
      const reader = consumer(
        log,
        tools,
        { group: tools.name('bars'), topics: { topics: [topic] }, maxBatch: 10 },
        answer,
      );
      await tools.until('all were handled', () => handled.includes(39));
      expect(rejections).toBe(3);
      expect(handled).toEqual(upTo(40));
      expect(reader.records.length).toBeGreaterThanOrEqual(43);
    },
  ],
  [
    'redelivers from the last commit, not from where it had read to, when the handler rejects',
    async (log, tools) => {
      const topic = tools.name('ticks.EURUSD');
      await log.append(ticks(topic, 30));
      const third = (await readPartition(log, topic, 0, 0, 30))[3]!;
      let rejected = false;
      const reader = consumer(
        log,
        tools,
        { group: tools.name('bars'), topics: { topics: [topic] }, maxBatch: 10 },
        (batch) => {
          if (!rejected && batch.some((record) => seqOf(record) >= 20)) {
            rejected = true;
            throw new Error('the sink is gone');
          }
          return rejected ? after(batch) : [{ topic, partition: 0, offset: third.offset }];
        },
      );
      await tools.until(
        'it came again',
        () =>
          rejected &&
          reader.records.filter((record) => seqOf(record) === 29).length >= 1 &&
          reader.records.filter((record) => seqOf(record) === 3).length >= 2,
      );
      expect(reader.records.filter((record) => seqOf(record) === 2)).toHaveLength(1);
      await tools.until('all of it', () => once(reader.records).length === 30);
    },
  ],
  [
    'ends on abort after the call under way, and commits what that returns',
    async (log, tools) => {
      const [topic, group] = [tools.name('ticks.EURUSD'), tools.name('bars')];
      await log.append(ticks(topic, 10));
      const under = Promise.withResolvers<void>();
      let ended = false;
      const reader = consumer(log, tools, { group, topics: { topics: [topic] } }, async (batch) => {
        await under.promise;
        return after(batch);
      });
      await tools.until('a call is under way', () => reader.records.length > 0);
      const stopped = reader.stop().then(() => {
        ended = true;
      });
      await log.append(ticks(topic, 1, { from: 10 }));
      expect(ended).toBe(false);
      const last = reader.records.at(-1)!;
      under.resolve();
      await stopped;
      expect(await log.committed(group)).toEqual([{ topic, partition: 0, offset: last.offset + 1 }]);
    },
  ],
  [
    'ends at once when it is aborted before it begins',
    async (log, tools) => {
      await log.consume(
        { group: tools.name('bars'), topics: { topics: [tools.name('ticks')] } },
        async (batch) => after(batch),
        AbortSignal.abort(),
      );
    },
  ],
  [
    'picks up topics that match, and that are made while it runs',
    async (log, tools) => {
      const family = tools.name('ticks');
      await log.append([...ticks(`${family}.EURUSD`, 5), ...ticks(`other-${family}.EURUSD`, 5)]);
      const reader = consumer(log, tools, {
        group: tools.name('bars'),
        topics: { match: new RegExp(`^${family}\\.`) },
      });
      await tools.until('the first topic came', () => reader.records.length >= 5);
      for (const symbol of ['GBPUSD', 'USDJPY']) {
        await log.append(ticks(`${family}.${symbol}`, 5));
        await tools.until(
          `${symbol} came`,
          () => once(reader.records).filter(({ topic }) => topic === `${family}.${symbol}`).length === 5,
        );
      }
      expect(reader.records.filter(({ topic }) => !topic.startsWith(`${family}.`))).toEqual([]);
    },
  ],
  [
    'waits for a named topic that does not exist yet',
    async (log, tools) => {
      const [known, later] = [tools.name('ticks.EURUSD'), tools.name('ticks.GBPUSD')];
      await log.append(ticks(known, 3));
      const reader = consumer(log, tools, { group: tools.name('bars'), topics: { topics: [later, known] } });
      await tools.until('the known topic came', () => reader.records.length >= 3);
      await log.append(ticks(later, 3));
      await tools.until('the other came', () => once(reader.records).length >= 6);
    },
  ],
];
