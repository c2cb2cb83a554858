import { PulseError } from '../../../src/domain/errors/errors.ts';
import type { NewRecord, RecordLog } from '../../../src/ports/record-log.ts';
import type { Life } from '../life.ts';
import type { KafkaServer } from './kafka-server.ts';
import { consumeLog } from './log-consumer.ts';

/** The simulated Kafka, as one process uses it. */
export function simulatedRecordLog(server: KafkaServer, life: Life): RecordLog {
  return {
    append: (records) =>
      records.length === 0
        ? Promise.resolve()
        : life.call(server, `append ${records.length}`, () => takeAll(server, life, records)),
    consume: (options, handle, signal) => consumeLog(server, life, options, handle, signal),
    read: (requests) =>
      life.call(server, `read ${requests.length}`, () =>
        requests.map(({ topic, partition, from, max }) => server.read(topic, partition, from, max)),
      ),
    ranges: (topics) => life.call(server, `ranges ${topics.length}`, () => server.ranges(topics)),
    topics: () => life.call(server, 'topics', () => [...server.topics.keys()].sort()),
    createTopics: (specs) => life.call(server, 'create topics', () => server.create(specs)),
    committed: (group) => life.call(server, 'committed', () => server.group(group).committed()),
    ping: () => life.call(server, 'ping', () => undefined),
    close: () => Promise.resolve(),
  };
}

/** Makes the topics that are missing, and takes the records of those that may be. */
function takeAll(server: KafkaServer, life: Life, records: readonly NewRecord[]): void {
  const [refused] = server.create([...new Set(records.map(({ topic }) => topic))].map((topic) => ({ topic })));
  const rest = refused === undefined ? records : records.filter(({ topic }) => server.topics.has(topic));
  server.append(rest, life);
  if (refused !== undefined) throw new PulseError('log.topic.refused', { ...refused });
}
