import { PulseError } from '../../../domain/errors/errors.ts';
import type { ForwarderNeeds } from './needs.ts';

const EVERY_MS = 600_000;
const DAY = 86_400_000;

/** Deletes settled trades that are older than `retentionDays` (0: none), from time to time until `signal` aborts. */
export function tradeUpkeep(
  { store, clock, metrics, journal }: Pick<ForwarderNeeds, 'store' | 'clock' | 'metrics' | 'journal'>,
  retentionDays: number,
  signal: AbortSignal,
): void {
  const failures = metrics.counter('pulse_mcp2_trades_upkeep_failures_total');
  clock.every(
    EVERY_MS,
    async () => {
      try {
        const trades = await store.prune(retentionDays === 0 ? 0 : clock.now() - retentionDays * DAY);
        if (trades > 0)
          journal.event('info', 'retention.dropped', `dropped ${trades} trades older than ${retentionDays} days`, {
            trades,
          });
      } catch (error) {
        // What is to go can go later.
        if (!(error instanceof PulseError)) throw error;
        failures.inc();
      }
    },
    signal,
  );
}
