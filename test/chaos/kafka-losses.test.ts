import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import type { LogPosition, LogRecord, LossNotice, RecordLog } from '../../src/ports/record-log.ts';
import { type KafkaBroker, kafkaAvailable, startKafka } from '../support/kafka-broker.ts';
import { readPartition } from '../support/read-partition.ts';

/* What retention and operators take away under a running consumer or producer, on a real broker. */

const clock = systemClock();
const missing = await kafkaAvailable();
if (missing !== null && process.env.PULSE_REQUIRE_ENGINES === '1')
  throw new Error(`PULSE_REQUIRE_ENGINES is set, and Kafka is not available: ${missing}`);

/** What a consumer was given and told, in order: values of records, and losses. */
interface Reading {
  readonly seen: (string | LossNotice)[];
  readonly values: () => string[];
  readonly losses: () => LossNotice[];
  stop(): Promise<void>;
}

describe.skipIf(missing !== null)(
  `What is gone from Kafka${missing === null ? '' : ` (skipped, because ${missing})`}`,
  { timeout: 120_000 },
  () => {
    let broker: KafkaBroker;
    let log: RecordLog;
    let admin: Admin;
    let names = 0;
    const name = (): string => {
      names += 1;
      return `ticks.L${names}`;
    };
    beforeAll(async () => {
      broker = await startKafka();
      log = kafkaRecordLog({ brokers: [broker.bootstrap], clientId: 'losses', clock, appendTimeoutMs: 60_000 });
      admin = new Admin({ clientId: 'operator', bootstrapBrokers: [broker.bootstrap] });
    }, 360_000);
    afterAll(async () => {
      await log?.close();
      await admin?.close();
      await broker?.dispose();
    }, 60_000);

    const record = (topic: string, n: number, word: string, size = 0) => ({
      topic,
      key: 'EURUSD',
      value: Buffer.from(`${word} ${n}`.padEnd(size)),
    });
    const append = (topic: string, word: string, from: number, to: number, size = 0): Promise<void> =>
      log.append(Array.from({ length: to - from }, (_, i) => record(topic, from + i, word, size)));

    function read(topic: string, group: string, gate: () => Promise<void> = async () => undefined): Reading {
      const seen: Reading['seen'] = [];
      const stop = new AbortController();
      const handle = async (records: readonly LogRecord[]): Promise<LogPosition[]> => {
        await gate();
        seen.push(...records.map(({ value }) => String(value).trim()));
        const { partition, offset } = records.at(-1)!;
        return [{ topic, partition, offset: offset + 1 }];
      };
      const onLoss = (loss: LossNotice): void => void seen.push(loss);
      const running = log.consume({ group, topics: { topics: [topic] }, maxBatch: 10, onLoss }, handle, stop.signal);
      return {
        seen,
        values: () => seen.filter((one) => typeof one === 'string'),
        losses: () => seen.filter((one) => typeof one !== 'string'),
        stop: () => {
          stop.abort();
          return running;
        },
      };
    }
    const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 50 });
    const truncate = async (topic: string, offset: number): Promise<void> => {
      await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: BigInt(offset) }] }] });
    };
    const made = async (topic: string, partitions = 1): Promise<void> => {
      await vi.waitFor(() => admin.createTopics({ topics: [topic], partitions }), { timeout: 20_000, interval: 20 });
    };

    test('records dropped before a group came back are told, with their offsets, before later ones', async () => {
      const topic = name();
      await append(topic, 'a', 0, 20);
      const first = read(topic, 'back');
      await until(() => expect(first.values()).toHaveLength(20));
      await first.stop();
      await append(topic, 'a', 20, 60);
      await truncate(topic, 50);
      const second = read(topic, 'back');
      await until(() => expect(second.values()).toHaveLength(10));
      expect(second.seen[0]).toEqual({ topic, partition: 0, from: 20, to: 50, reason: 'truncated' });
      expect(second.values()).toEqual(Array.from({ length: 10 }, (_, i) => `a ${50 + i}`));
      await second.stop();
    });

    test('records dropped under a running consumer are told, and no others are skipped', async () => {
      const topic = name();
      await append(topic, 'a', 0, 600, 20_000);
      const held = Promise.withResolvers<void>();
      const reading = read(topic, 'running', () => held.promise);
      // Some megabytes are fetched ahead; the rest is not.
      await clock.sleep(3_000);
      await truncate(topic, 590);
      held.resolve();
      await until(() => expect(reading.values().at(-1)).toBe('a 599'));
      const [loss, ...others] = reading.losses();
      expect(others).toEqual([]);
      expect(loss).toMatchObject({ topic, partition: 0, to: 590, reason: 'truncated' });
      const kept = Array.from({ length: 600 }, (_, i) => i).filter((n) => n < loss!.from || n >= loss!.to);
      expect(reading.values()).toEqual(kept.map((n) => `a ${n}`));
      expect(reading.seen.indexOf(loss!)).toBeLessThan(reading.seen.indexOf('a 590'));
      await reading.stop();
    });

    test.each([
      ['at once', 0, 1],
      ['after a while', 4_000, 1],
      ['at once with more partitions', 0, 3],
    ] as const)('a topic deleted and made anew %s under a running consumer is told, and read from its beginning', async (_, pause, partitions) => {
      const topic = name();
      await append(topic, 'old', 0, 30);
      const reading = read(topic, `anew-${topic}`);
      const other = name();
      await append(other, 'other', 0, 1);
      await until(() => expect(reading.values()).toHaveLength(30));
      await admin.deleteTopics({ topics: [topic] });
      await clock.sleep(pause);
      await made(topic, partitions);
      // Fewer than the old one had, and then more.
      await append(topic, 'new', 0, 5);
      await until(() => expect(reading.values().filter((value) => value.startsWith('new'))).toHaveLength(5));
      await append(topic, 'new', 5, 50);
      await until(() => expect(new Set(reading.values().filter((value) => value.startsWith('new'))).size).toBe(50));
      const [loss] = reading.losses();
      expect(loss).toEqual({ topic, partition: 0, from: 30, to: 0, reason: 'made-anew' });
      expect(reading.seen.indexOf(loss!)).toBeLessThan(reading.seen.indexOf('new 0'));
      const committed = (await log.committed(`anew-${topic}`)).reduce((sum, { offset }) => sum + offset, 0);
      expect(committed).toBeLessThanOrEqual(50);
      await reading.stop();
    });

    test('one topic that is deleted keeps no other from being read', async () => {
      const [gone, kept] = [name(), name()];
      await append(gone, 'gone', 0, 5);
      await append(kept, 'kept', 0, 5);
      const stop = new AbortController();
      const at = new Map<string, number>();
      const handle = async (records: readonly LogRecord[]): Promise<LogPosition[]> => {
        for (const { value } of records) at.set(String(value), clock.monotonic());
        return [];
      };
      const topics = { topics: [gone, kept] };
      const running = log.consume({ group: 'others', topics }, handle, stop.signal);
      await until(() => expect(at.size).toBe(10));
      await admin.deleteTopics({ topics: [gone] });
      let worst = 0;
      for (let n = 5; n < 30; n += 1) {
        const begun = clock.monotonic();
        await append(kept, 'kept', n, n + 1);
        await until(() => expect(at.has(`kept ${n}`)).toBe(true));
        worst = Math.max(worst, at.get(`kept ${n}`)! - begun);
        await clock.sleep(100);
      }
      expect(worst).toBeLessThan(8_000);
      stop.abort();
      await running;
    });

    test.each([
      ['as it was', 1],
      ['with more partitions', 3],
    ] as const)('appends go on within seconds when their topic is deleted and made anew %s, and what is acknowledged then is in it', async (_, partitions) => {
      const topic = name();
      await append(topic, 'old', 0, 200);
      let stop = false;
      let worst = 0;
      let acked: number[] = [];
      const appending = (async () => {
        for (let n = 0; !stop; n += 1) {
          const begun = clock.monotonic();
          await append(topic, 'run', n, n + 1);
          worst = Math.max(worst, clock.monotonic() - begun);
          acked.push(n);
        }
      })();
      await clock.sleep(500);
      await admin.deleteTopics({ topics: [topic] });
      await clock.sleep(100);
      // The producer may make it anew first; it must be the same for it.
      await admin.createTopics({ topics: [topic], partitions }).catch(() => undefined);
      await clock.sleep(3_000);
      acked = [];
      await clock.sleep(1_000);
      stop = true;
      await appending;
      const ranges = await log.ranges([topic]);
      const found = (
        await Promise.all(ranges.map(({ partition }) => readPartition(log, topic, partition, 0, 100_000)))
      ).flat();
      const values = new Set(found.map(({ value }) => String(value)));
      expect(acked.length).toBeGreaterThan(0);
      expect(acked.filter((n) => !values.has(`run ${n}`))).toEqual([]);
      expect(worst).toBeLessThan(10_000);
    });

    test('an append that waits for a partition that is no longer there is told to be tried again', async () => {
      const topic = name();
      await made(topic, 3);
      await log.append(Array.from({ length: 30 }, (_, n) => ({ ...record(topic, n, 'old'), key: `K${n}` })));
      await admin.deleteTopics({ topics: [topic] });
      await made(topic, 1);
      for (let n = 0; n < 30; n += 1) {
        const again = async (): Promise<void> => log.append([{ ...record(topic, n, 'new'), key: `K${n}` }]);
        await again().catch((error) => {
          expect(error).toMatchObject({ code: 'log.unavailable' });
          return again();
        });
      }
      const values = (await readPartition(log, topic, 0, 0, 100)).map(({ value }) => String(value));
      expect(values).toEqual(Array.from({ length: 30 }, (_, n) => `new ${n}`));
    });
  },
);
