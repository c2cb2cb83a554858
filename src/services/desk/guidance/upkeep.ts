import { PulseError } from '../../../domain/errors/errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import { untilAborted } from '../../../ports/until-aborted.ts';
import type { GuidanceCalls } from '../../../stores/guidance-calls.ts';

const EVERY_MS = 3_600_000;
const DAY = 86_400_000;

export interface UpkeepNeeds {
  readonly calls: Pick<GuidanceCalls, 'dropOlder'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Drops stored calls older than `days` (0: none), now and every hour until `signal` aborts. */
export async function guidanceUpkeep(
  { calls, clock, metrics }: UpkeepNeeds,
  days: number,
  signal: AbortSignal,
): Promise<void> {
  if (days === 0) return;
  const dropped = metrics.counter('pulse_mcp2_guidance_dropped_total');
  const failures = metrics.counter('pulse_mcp2_guidance_upkeep_failures_total');
  const attempt = async (): Promise<void> => {
    try {
      dropped.inc(await calls.dropOlder(clock.now() - days * DAY));
    } catch (error) {
      // What is to go can go later.
      if (!(error instanceof PulseError)) throw error;
      failures.inc();
    }
  };
  // The database may still be opened: whoever is told to end does not wait for that.
  await Promise.race([attempt(), untilAborted(signal)]);
  clock.every(EVERY_MS, attempt, signal);
}
