import { makeMirror } from '../wiring/mirror.ts';
import { pathNeeds } from '../wiring/path-needs.ts';
import type { Command } from './command.ts';

export const mirrorCommand: Command<'mirror'> = {
  name: 'mirror',
  summary: 'bring the ticks of Redis into Kafka, unchanged',
  details: `Every payload on ticks.* goes to the topic of the same name, once, in order. While Kafka is away, ticks wait in memory
and then in a spool in the data directory; every interval in which ticks may have been missed stands on mirror.gaps, and is
filled from the Redis Streams of ticks where the publisher writes them.

Examples:
  REDIS_URL=redis://localhost:6379 KAFKA_BOOTSTRAP_SERVERS=localhost:9092 pulse mirror`,
  run: (runtime) =>
    runtime.serve([{ name: 'mirror', make: () => makeMirror(pathNeeds(runtime)) }], { servers: ['redis', 'kafka'] }),
};
