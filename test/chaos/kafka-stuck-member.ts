import { systemClock } from '../../src/adapters/clock/system.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';

/*
 * A member of a consumer group that holds what it got and does nothing with it, until it is killed.
 * Usage: node kafka-stuck-member.ts <brokers> <group> <topic>; prints a line when it has records.
 */
const [brokers, group, topic] = process.argv.slice(2) as [string, string, string];
const log = kafkaRecordLog({ brokers: [brokers], clientId: 'stuck', clock: systemClock(), sessionTimeoutMs: 3000 });
await log.consume(
  { group, topics: { topics: [topic] } },
  () => {
    process.stdout.write('holding\n');
    return new Promise(() => undefined);
  },
  new AbortController().signal,
);
