import { PulseError } from '../../../src/domain/errors.ts';
import type { RecordLog } from '../../../src/ports/record-log.ts';
import type { Life } from '../life.ts';
import { KafkaServer } from './kafka-server.ts';
import { consumeLog } from './log-consumer.ts';

/** The simulated Kafka, as one process uses it. */
export function simulatedRecordLog(server: KafkaServer, life: Life): RecordLog {
  return {
    append: (records) =>
      records.length === 0
        ? Promise.resolve()
        : life.call(server, `append ${records.length}`, () => {
            refuse(server.create([...new Set(records.map(({ topic }) => topic))].map((topic) => ({ topic }))));
            server.append(records, life);
          }),
    consume: (options, handle, signal) => consumeLog(server, life, options, handle, signal),
    read: (topic, partition, from, max) =>
      life.call(server, `read ${topic}`, () => server.read(topic, partition, from, max)),
    ranges: (topic) => life.call(server, `ranges ${topic}`, () => server.ranges([topic])),
    topics: () => life.call(server, 'topics', () => [...server.topics.keys()].sort()),
    createTopics: (specs) => life.call(server, 'create topics', () => refuse(server.create(specs))),
    committed: (group) => life.call(server, 'committed', () => server.group(group).committed()),
    ping: () => life.call(server, 'ping', () => undefined),
    close: () => Promise.resolve(),
  };
}

function refuse(refused: ReturnType<KafkaServer['create']>): void {
  const [first] = refused;
  if (first !== undefined) throw new PulseError('log.refused', { at: 'kafka', reason: first.reason });
}
