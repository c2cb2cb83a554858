import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { adminClient, calls, closeClient, isUnknownTopic, type KafkaOptions, once } from './kafka-client.ts';
import { consumeGroup } from './kafka-consumer.ts';
import { Fetcher, isOutOfRange } from './kafka-fetcher.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { RecordCursor } from './kafka-records.ts';
import { createMissing, groupPositions, listTopics, topicRanges } from './kafka-topics.ts';

const PING_MS = 5000;

export type { KafkaOptions } from './kafka-client.ts';

/**
 * The record log on Apache Kafka (2.4 or later) and what speaks its protocol. Makes no connection before it is used, needs no broker to be made,
 * and finds brokers that come back. Delivers what is written by transactions at once, aborted ones too: Pulse writes none.
 */
export function kafkaRecordLog(options: KafkaOptions): RecordLog {
  const admin = adminClient(options);
  const call = calls(options);
  const producer = new KafkaProducer(options, admin);
  const reader = new Fetcher(options);
  const closing = new AbortController();
  const consumers = new Set<Promise<void>>();
  // Reads share a fetch session with the broker: one at a time.
  let reads: Promise<unknown> = Promise.resolve();

  return {
    append: (records) => producer.append(records),
    consume: async (consume, handle, signal) => {
      const running = consumeGroup(options, admin, consume, handle, AbortSignal.any([signal, closing.signal]));
      const ended = running.then(
        () => undefined,
        () => undefined,
      );
      consumers.add(ended);
      try {
        await running;
      } finally {
        consumers.delete(ended);
      }
    },
    read: (topic, partition, from, max) => {
      const read = reads.then(() => call(() => readRecords(reader, topic, partition, from, max)));
      reads = read.catch(() => undefined);
      return read;
    },
    ranges: (topic) => call(() => topicRanges(admin, topic)),
    topics: () => call(() => listTopics(admin)),
    createTopics: (specs) => call(() => createMissing(admin, specs)),
    committed: (group) => call(() => groupPositions(admin, group)),
    ping: async () => {
      await once(options, PING_MS, () => admin.metadata({ topics: [], forceUpdate: true }));
    },
    close: async () => {
      closing.abort();
      await Promise.all(consumers);
      await producer.close();
      await Promise.all([reader.close(), closeClient(options, admin)]);
    },
  };
}

async function readRecords(
  reader: Fetcher,
  topic: string,
  partition: number,
  from: number,
  max: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  reader.follow([topic]);
  let next = from;
  try {
    while (records.length < max) {
      const [[node, wants] = []] = await reader.byLeader([{ topic, partition, from: next }]);
      if (node === undefined || wants === undefined) return records;
      const [fetched] = await reader.fetch(node, wants, {
        waitMs: 1,
        maxBytes: 1024 * 1024,
        maxPartitionBytes: 1024 * 1024,
      });
      const last = fetched?.batches.at(-1);
      if (fetched === undefined || last === undefined) return records;
      new RecordCursor(topic, partition, next, fetched.batches).take(records, max);
      next = Number(last.firstOffset) + last.lastOffsetDelta + 1;
      if (next >= fetched.end) return records;
    }
  } catch (error) {
    if (isUnknownTopic(error)) return records;
    if (!isOutOfRange(error)) throw error;
    const [range] = await reader.ranges([{ topic, partition }]);
    return range !== undefined && next < range.earliest
      ? readRecords(reader, topic, partition, range.earliest, max)
      : records;
  }
  return records;
}
