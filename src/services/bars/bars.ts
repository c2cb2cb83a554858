import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';

/** What both sides' bars need. */
export interface BarsNeeds {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}
