import { makeMirror } from '../wiring/mirror.ts';
import { pathNeeds } from '../wiring/path-needs.ts';
import type { Command } from './command.ts';

export const mirrorCommand: Command<'mirror'> = {
  name: 'mirror',
  summary: 'copy the ticks of Redis to Kafka, unchanged',
  details: `Every payload on ticks.* goes to the topic of the same name, once and in order. While Kafka is away, ticks wait in memory
and then in a spool in the data directory. Every interval in which ticks may have been missed is recorded on mirror.gaps, and is
filled from the Redis Streams of ticks if the publisher writes them.

Examples:
  REDIS_URL=redis://localhost:6379 KAFKA_BOOTSTRAP_SERVERS=localhost:9092 pulse mirror`,
  run: (runtime) =>
    runtime.serve([{ name: 'mirror', make: () => makeMirror(pathNeeds(runtime)) }], { servers: ['redis', 'kafka'] }),
};
