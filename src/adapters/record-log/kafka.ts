import type { RecordLog } from '../../ports/record-log.ts';
import { adminClient, answered, calls, closeClient, type KafkaOptions } from './kafka-client.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { consumeGroup } from './kafka-consumer.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { KafkaReader } from './kafka-reader.ts';
import { TopicMaker } from './kafka-topic-maker.ts';
import { groupPositions, listTopics } from './kafka-topics.ts';

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
  // Not the client that makes topics: a broker answers the requests of a connection one after the other.
  const readClient = adminClient(options);
  const cluster = new KafkaCluster(options, readClient);
  const reader = new KafkaReader(readClient, cluster);
  const maker = new TopicMaker(options, admin, cluster, call);
  const closing = new AbortController();
  const consumers = new Set<Promise<void>>();

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
    read: (requests) => call(() => reader.read(requests)),
    ranges: (topics) => call(() => cluster.ranges(topics)),
    topics: () => call(() => listTopics(admin)),
    createTopics: (specs) => maker.make(specs),
    committed: (group) => call(() => groupPositions(admin, group)),
    ping: async () => {
      await answered(options, PING_MS, () => admin.metadata({ topics: [], forceUpdate: true }));
    },
    close: async () => {
      closing.abort();
      await Promise.all(consumers);
      await producer.close();
      await Promise.all([closeClient(options, readClient), closeClient(options, admin)]);
    },
  };
}
