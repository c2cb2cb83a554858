import { performance } from 'node:perf_hooks';
import { Producer } from '@platformatic/kafka';
import { systemClock } from '../src/adapters/clock/system.ts';
import { kafkaRecordLog } from '../src/adapters/record-log/kafka.ts';
import type { NewRecord } from '../src/ports/record-log.ts';
import { startKafka } from '../test/support/kafka-broker.ts';
import type { Benchmark, Figures } from './benchmark.ts';

const RECORDS = 300_000;
/** Records in a call, and calls that are pending at once. */
const CALL_RECORDS = 1_000;
const PENDING_CALLS = 20;
const TOPIC = 'ticks.EURUSD';
const clock = systemClock();

interface Appender {
  /** Resolves when all replicas have the records. */
  append(records: readonly NewRecord[]): Promise<unknown>;
  close(): Promise<unknown>;
}

const ours = (bootstrap: string): Appender =>
  kafkaRecordLog({ brokers: [bootstrap], clientId: 'bench', clock, appendTimeoutMs: 60_000 });

/** The library's own producer. Idempotent, it allows one request in flight; otherwise five, and a retry may then reorder or double. */
async function library(bootstrap: string, idempotent: boolean): Promise<Appender> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    clientId: 'bench',
    bootstrapBrokers: [bootstrap],
    idempotent,
    acks: -1,
  });
  if (idempotent) await producer.initIdempotentProducer({ producerId: -1n, producerEpoch: -1 });
  return {
    append: (records) =>
      producer.send({
        messages: records.map(({ topic, key, value, headers }) => ({
          topic,
          key: Buffer.from(key!),
          value: value!,
          headers: new Map([...headers!].map(([name, content]) => [Buffer.from(name), Buffer.from(content)])),
        })),
      }),
    close: () => producer.close(),
  };
}

/** What the mirror sends: about 80 bytes, and three headers. */
const tickRecord = (n: number): NewRecord => ({
  topic: TOPIC,
  key: 'EURUSD',
  value: Buffer.from(`{"symbol":"EURUSD","ts":${1_400_000_000_000 + n},"bid":1.38512,"ask":1.38524}`),
  headers: new Map([
    ['i', 'bench'],
    ['n', String(n)],
    ['e', '1'],
  ]),
});

async function run(open: (bootstrap: string) => Appender | Promise<Appender>): Promise<Figures> {
  const calls = Array.from({ length: RECORDS / CALL_RECORDS }, (_, call) =>
    Array.from({ length: CALL_RECORDS }, (_, i) => tickRecord(call * CALL_RECORDS + i)),
  );
  const kafka = await startKafka();
  const check = kafkaRecordLog({ brokers: [kafka.bootstrap], clientId: 'check', clock });
  try {
    await check.createTopics([{ topic: TOPIC, partitions: 1 }]);
    const appender = await open(kafka.bootstrap);
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let call = calls[next++]; call !== undefined; call = calls[next++]) await appender.append(call);
    };
    await Promise.all(Array.from({ length: PENDING_CALLS }, lane));
    const seconds = (performance.now() - begun) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    await appender.close();
    const [range] = await check.ranges([TOPIC]);
    if (range?.end !== RECORDS) throw new Error(`${range?.end} records are in Kafka, not ${RECORDS}`);
    return { 'records/s': RECORDS / seconds, 'µs of processor time a record': (user + system) / RECORDS };
  } finally {
    await check.close();
    await kafka.dispose();
  }
}

const bench = (name: string, what: string, open: (bootstrap: string) => Appender | Promise<Appender>): Benchmark => ({
  name: `kafka-append-${name}`,
  about: `${RECORDS.toLocaleString('en')} ticks of one symbol to Kafka, ${CALL_RECORDS.toLocaleString('en')} a call, ${PENDING_CALLS} calls pending: ${what}`,
  aims: {},
  runs: 3,
  run: () => run(open),
});

/** What our producer gains over the library's (docs/adr/0016). */
export const kafkaAppend: readonly Benchmark[] = [
  bench('ours', 'five requests in flight, idempotent', ours),
  bench('library', "the library's producer, idempotent: one request in flight", (url) => library(url, true)),
  bench('library-plain', "the library's producer, not idempotent: five requests in flight", (url) =>
    library(url, false),
  ),
];
