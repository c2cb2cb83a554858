import { makeEnrichment } from '../wiring/enrichment.ts';
import type { Command } from './command.ts';

export const enrichmentCommand: Command<'enrichment'> = {
  name: 'enrichment',
  summary: 'enrich the ticks of a Redis Stream into Postgres, and analyse every closed bar',
  details: `Each entry of v2:ticks:l1 becomes one row of ticks_enriched, and is acknowledged when the row is committed. Entries that can never
be used go to v2:ticks:l1:dlq with their reason. Run as many workers as you like: they share the entries, and each row is the same
whichever worker writes it. Each closed bar gets an analysis, which is stored and sent to final-analysis-payloads.

Examples:
  REDIS_URL=redis://localhost:6379 KAFKA_BOOTSTRAP_SERVERS=localhost:9092 \\
    PG_DSN=postgres://user:password@localhost/pulse pulse enrichment
  pulse enrichment --consumer worker-1 --retention-days 90`,
  run: (runtime) =>
    runtime.serve([{ name: 'enrichment', make: () => makeEnrichment(runtime) }], { servers: ['redis'] }),
};
