import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { type KafkaOptions, kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import type { LogPosition, LogRecord, RecordLog } from '../../src/ports/record-log.ts';
import { type KafkaBroker, kafkaAvailable, startKafka } from '../support/kafka-broker.ts';
import { readPartition } from '../support/read-partition.ts';

/* What the Kafka client library gets wrong, or leaves to us (DESIGN section 6), against a broker that fails for real. */

const clock = systemClock();
const STUCK_MEMBER = fileURLToPath(new URL('./kafka-stuck-member.ts', import.meta.url));

const missing = await kafkaAvailable();
if (missing !== null && process.env.PULSE_REQUIRE_ENGINES === '1')
  throw new Error(`PULSE_REQUIRE_ENGINES is set, and Kafka is not available: ${missing}`);

describe.skipIf(missing !== null)(
  `Kafka's hazards${missing === null ? '' : ` (skipped, because ${missing})`}`,
  { timeout: 180_000 },
  () => {
    let broker: KafkaBroker;
    const logs: RecordLog[] = [];
    const open = (options: Partial<KafkaOptions> = {}): RecordLog => {
      const log = kafkaRecordLog({
        brokers: [broker.bootstrap],
        clientId: 'hazards',
        clock,
        appendTimeoutMs: 120_000,
        ...options,
      });
      logs.push(log);
      return log;
    };
    beforeAll(async () => {
      broker = await startKafka();
    }, 360_000);
    afterAll(async () => {
      await Promise.all(logs.map((log) => log.close()));
      await broker?.dispose();
    }, 60_000);

    test('every record that was appended across a crash of the broker is in the log once, in order', async () => {
      const log = open();
      const topic = name('ticks');
      await log.createTopics([{ topic, partitions: 2 }]);
      let crashed = false;
      const appendSome = async (from: number): Promise<void> => {
        // Several calls under way at once, so that several batches of a partition fly when the broker dies.
        const calls: Promise<void>[] = [];
        for (let n = from; n < from + 40_000; n += 200) calls.push(log.append(numbered(topic, n, 200)));
        await Promise.all(calls);
      };
      await appendSome(0);
      const crash = (async () => {
        for (let i = 0; i < 3; i += 1) {
          await clock.sleep(30);
          await broker.kill();
          await broker.start();
        }
        crashed = true;
      })();
      let n = 40_000;
      for (; !crashed; n += 40_000) await appendSome(n);
      await crash;

      expect(await numbersIn(log, topic)).toEqual(range(0, n));
    });

    test('an append that the broker does not answer rejects in time, what it sent never overtakes later appends, and the log works on', async () => {
      const log = open({ appendTimeoutMs: 1500 });
      const topic = name('ticks');
      await log.append(numbered(topic, 0, 10));
      broker.pause();
      // The broker has these in its socket and takes them when it wakes, beside what comes then.
      const silent = [log.append(numbered(topic, 10, 10)), log.append(numbered(topic, 20, 10))];
      const outcomes = await Promise.allSettled(silent);
      broker.resume();

      expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason?.code)).toEqual([
        'log.unavailable',
        'log.unavailable',
      ]);
      await retried(() => log.append(numbered(topic, 100, 10)));
      const found = await numbersIn(log, topic);
      // Of the rejected ones a beginning may be there: once, in order, before what came later.
      const between = found.slice(10, -10);
      expect(found.slice(0, 10)).toEqual(range(0, 10));
      expect(between).toEqual(range(10, 10 + between.length));
      expect(found.slice(-10)).toEqual(range(100, 110));
    });

    test('appends beyond the bound reject at once while the broker is away, and memory stays bounded', async () => {
      const log = open({ maxPendingBytes: 100_000, appendTimeoutMs: 30_000 });
      const topic = name('ticks');
      await log.append(numbered(topic, 0, 1));
      broker.pause();
      try {
        const accepted: Promise<void>[] = [];
        let reason = '';
        for (let n = 1; reason === '' && n < 100_000; n += 100) {
          const call = log.append(numbered(topic, n, 100));
          const refused = await Promise.race([
            call.then(
              () => null,
              (error: Error) => error,
            ),
            clock.sleep(1).then(() => null),
          ]);
          if (refused === null) accepted.push(call);
          else reason = refused.message;
        }
        broker.resume();
        await Promise.all(accepted);

        expect(reason).toMatch(/bytes wait for it already/);
        expect(await numbersIn(log, topic)).toEqual(range(0, 1 + accepted.length * 100));
      } finally {
        broker.resume();
      }
    });

    test('a record that is too large is a typed error, the others are appended, and the producer works on', async () => {
      const log = open();
      const topic = name('ticks');
      const large = { topic, key: 'EURUSD', value: Buffer.alloc(1_100_000) };
      const small = range(0, 30).map((n) => ({ topic, key: 'EURUSD', value: Buffer.alloc(90_000, String(n % 10)) }));

      const calls = await Promise.allSettled([
        log.append(small),
        log.append([large]),
        log.append(numbered(topic, 0, 10)),
      ]);

      expect(calls.map((call) => (call.status === 'fulfilled' ? 'appended' : call.reason.code))).toEqual([
        'appended',
        'log.record.too-large',
        'appended',
      ]);
      await log.append(numbered(topic, 10, 10));
      const records = await allOf(log, topic);
      expect(records.slice(0, 30).map(({ value }) => value!.length)).toEqual(small.map(({ value }) => value.length));
      expect(records.slice(30).map(numberOf)).toEqual(range(0, 20));
    });

    test('consuming goes on after a crash of the broker, without a restart', async () => {
      const log = open();
      const topic = name('ticks');
      await log.createTopics([{ topic, partitions: 3 }]);
      const tape = new Tape();
      const end = new AbortController();
      const consuming = log.consume({ group: name('bars'), topics: { topics: [topic] } }, tape.handle, end.signal);
      for (let round = 0; round < 3; round += 1) {
        await log.append(numbered(topic, round * 1000, 1000));
        await until(() => tape.seen.size === (round + 1) * 1000);
        await broker.kill();
        await broker.start();
      }
      await log.append(numbered(topic, 3000, 1000));
      await until(() => tape.seen.size === 4000);
      end.abort();
      await consuming;

      expect(tape.outOfOrder).toEqual([]);
    });

    test('the position that was returned is where the group goes on, even when more was handled', async () => {
      const log = open();
      const topic = name('ticks');
      const group = name('bars');
      await log.append(numbered(topic, 0, 100));
      const first = new AbortController();
      await log.consume(
        { group, topics: { topics: [topic] } },
        async (records) => {
          if (records.at(-1)!.offset === 99) first.abort();
          return [{ topic, partition: 0, offset: Math.min(records.at(-1)!.offset + 1, 42) }];
        },
        first.signal,
      );

      expect(await log.committed(group)).toEqual([{ topic, partition: 0, offset: 42 }]);
      const second = new AbortController();
      let next = -1;
      await log.consume(
        { group, topics: { topics: [topic] } },
        async (records) => {
          next = records[0]!.offset;
          second.abort();
          return [];
        },
        second.signal,
      );
      expect(next).toBe(42);
    });

    test('members that join and leave ten times lose nothing, and the group comes to rest', async () => {
      const log = open({ sessionTimeoutMs: 6000 });
      const topics = [name('ticks'), name('ticks')];
      const group = name('bars');
      await log.createTopics(topics.map((topic) => ({ topic, partitions: 3 })));
      const tape = new Tape();
      const end = new AbortController();
      let changes = 0;
      const onAssignment = (): void => {
        changes += 1;
      };
      const first = log.consume({ group, topics: { topics }, onAssignment }, tape.handle, end.signal);
      let appended = 0;
      const appending = (async () => {
        while (!end.signal.aborted && appended < 1_000_000) {
          for (const topic of topics) await log.append(numbered(topic, appended, 500));
          appended += 500;
          await clock.sleep(5);
        }
      })();
      for (let round = 0; round < 10; round += 1) {
        const leave = new AbortController();
        const others = range(0, 1 + (round % 2)).map(() => {
          let holds = 0;
          const member = open({ sessionTimeoutMs: 6000 });
          const onAssignment = (held: readonly unknown[]): void => {
            holds = held.length;
          };
          const consuming = member.consume({ group, topics: { topics }, onAssignment }, tape.handle, leave.signal);
          return { consuming, holds: () => holds };
        });
        await until(() => others.every(({ holds }) => holds() > 0));
        leave.abort();
        await Promise.all(others.map(({ consuming }) => consuming));
      }
      end.abort();
      await appending;
      await first;
      const rest = new AbortController();
      const last = log.consume({ group, topics: { topics } }, tape.handle, rest.signal);
      await until(() => tape.seen.size === appended * topics.length);
      await until(
        async () =>
          (await log.committed(group)).reduce((sum, { offset }) => sum + offset, 0) === appended * topics.length,
      );
      rest.abort();
      await last;

      // 15 others came and went: the group changed for each of these, and not on and on.
      expect(changes).toBeLessThanOrEqual(40);
    });

    test('what a member held that was killed goes to another when its session is over', async () => {
      const log = open({ sessionTimeoutMs: 3000 });
      const topic = name('ticks');
      const group = name('bars');
      await log.append(numbered(topic, 0, 10));
      const stuck = spawn(process.execPath, [STUCK_MEMBER, broker.bootstrap, group, topic], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(stuck.stdout, 'data');
      stuck.kill('SIGKILL');
      const tape = new Tape();
      const end = new AbortController();
      const consuming = log.consume({ group, topics: { topics: [topic] } }, tape.handle, end.signal);
      await until(() => tape.seen.size === 10);
      end.abort();
      await consuming;

      expect(tape.outOfOrder).toEqual([]);
    });

    test('topics that are made while consuming are picked up by one of two members, from their first record', async () => {
      const prefix = name('ticks');
      const match = new RegExp(`^${prefix}\\.`);
      const group = name('bars');
      const tape = new Tape();
      const end = new AbortController();
      const members = [open(), open()].map((log) => log.consume({ group, topics: { match } }, tape.handle, end.signal));
      const log = open();
      for (let i = 0; i < 4; i += 1) {
        await log.append(numbered(`${prefix}.SYM${i}`, 0, 100));
        await until(() => tape.seen.size === (i + 1) * 100);
      }
      end.abort();
      await Promise.all(members);

      expect((await log.committed(group)).map(({ topic, offset }) => [topic, offset])).toEqual(
        range(0, 4).map((i) => [`${prefix}.SYM${i}`, 100]),
      );
    });

    test('a transaction of somebody else that never ends holds nothing up', async () => {
      const log = open();
      const topic = name('ticks');
      await log.append(numbered(topic, 0, 10));
      const other = new Producer({
        clientId: 'other',
        bootstrapBrokers: [broker.bootstrap],
        idempotent: true,
        transactionalId: name('tx'),
        producerId: -1n,
        producerEpoch: -1,
      });
      const transaction = await other.beginTransaction();
      await transaction.send({ messages: [{ topic, value: Buffer.from('10') }] });
      await log.append(numbered(topic, 11, 9));
      const tape = new Tape();
      const end = new AbortController();
      const consuming = log.consume({ group: name('bars'), topics: { topics: [topic] } }, tape.handle, end.signal);
      await until(() => tape.seen.size === 20);
      end.abort();
      await consuming;
      await transaction.abort();
      await other.close();

      // The marker of the abort takes an offset and is no record.
      await log.append(numbered(topic, 20, 1));
      expect(await numbersIn(log, topic)).toEqual(range(0, 21));
    });
  },
);

const name = (word: string): string => `${word}-${randomBytes(4).toString('hex')}`;
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
const numbered = (topic: string, from: number, count: number) =>
  range(from, from + count).map((n) => ({ topic, key: `K${n % 7}`, value: Buffer.from(String(n)) }));
const numberOf = ({ value }: LogRecord): number => Number(value!.toString());

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 20) {
    if (waited > 100_000) throw new Error('waited in vain');
    await clock.sleep(20);
  }
}

async function retried(operation: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

async function allOf(log: RecordLog, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const { partition, earliest, end } of await log.ranges([topic])) {
    for (let next = earliest; next < end; ) {
      const some = await readPartition(log, topic, partition, next, 10_000);
      if (some.length === 0) break; // Only a transaction's marker is left.
      records.push(...some);
      next = some.at(-1)!.offset + 1;
    }
  }
  return records;
}

/** The numbers in a topic; a key's numbers must stand in rising order. Sorted, so that doubles and holes show. */
async function numbersIn(log: RecordLog, topic: string): Promise<number[]> {
  const records = await allOf(log, topic);
  const last = new Map<string | null, number>();
  for (const record of records) {
    const n = numberOf(record);
    if (n < (last.get(record.key) ?? -1))
      throw new Error(`${n} stands behind ${last.get(record.key)} of the key ${record.key}`);
    last.set(record.key, n);
  }
  return records.map(numberOf).sort((a, b) => a - b);
}

/** What was delivered. Redelivery is allowed; what is new must come in order. */
class Tape {
  readonly seen = new Set<string>();
  readonly outOfOrder: string[] = [];
  readonly #next = new Map<string, number>();

  readonly handle = async (records: readonly LogRecord[]): Promise<LogPosition[]> => {
    const positions = new Map<string, LogPosition>();
    for (const record of records) {
      const { topic, partition, offset } = record;
      const at = `${topic}:${partition}`;
      const next = this.#next.get(at) ?? 0;
      if (offset > next) this.outOfOrder.push(`${at} jumps from ${next} to ${offset}`);
      this.#next.set(at, Math.max(next, offset + 1));
      this.seen.add(`${topic}:${numberOf(record)}`);
      positions.set(at, { topic, partition, offset: offset + 1 });
    }
    return [...positions.values()];
  };
}
