import { PulseError } from '../../domain/errors/errors.ts';
import type { EnrichmentNeeds, WorkerOptions } from './needs.ts';

const EVERY_MS = 600_000;
const DAY = 86_400_000;
/** States that are kept in any case, and how long a few of the others are: entries that wait longer to be delivered again are rare. */
const KEEP_STATES = 10;
const KEEP_STATES_MS = 3_600_000;

/** Makes partitions ahead and drops what is older than the retention, now and from time to time until `signal` aborts. */
export async function upkeep(needs: EnrichmentNeeds, options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { rows, analyses, states, clock, journal } = needs;
  const { retentionDays, stream } = options;
  const failures = needs.metrics.counter('pulse_enrichment_upkeep_failures_total');
  async function keepRetention(): Promise<void> {
    const now = clock.now();
    await rows.partitions.ensureAhead(now);
    await states.prune(stream, KEEP_STATES, KEEP_STATES_MS);
    if (retentionDays === 0) return;
    const days = await rows.partitions.dropOlder(retentionDays, now);
    await analyses.dropOlder(now - retentionDays * DAY);
    if (days.length > 0)
      journal.event('info', 'retention.dropped', `dropped the enriched ticks of ${days.join(', ')}`, { days });
  }
  const attempt = async (): Promise<void> => {
    try {
      await keepRetention();
    } catch (error) {
      // Rows make their partitions themselves, and what is to go can go later.
      if (!(error instanceof PulseError)) throw error;
      failures.inc();
    }
  };
  await attempt();
  clock.every(EVERY_MS, attempt, signal);
}
