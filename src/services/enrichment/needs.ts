import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { Analyses } from '../../stores/analyses.ts';
import type { EnrichedTicks } from '../../stores/enriched-ticks.ts';
import type { EnrichmentStates } from '../../stores/enrichment-states.ts';
import type { TrackOptions } from './state-track.ts';

export interface EnrichmentNeeds {
  readonly streams: EntryStream;
  readonly log: RecordLog;
  readonly database: Database;
  readonly rows: EnrichedTicks;
  readonly analyses: Analyses;
  readonly states: EnrichmentStates;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface WorkerOptions extends TrackOptions {
  readonly group: string;
  readonly consumer: string;
  /** Newest entries with which a group that is made begins; null: all. */
  readonly history: number | null;
  /** Most entries in one transaction. */
  readonly batch: number;
  /** How long more entries are waited for once all there were have been read, milliseconds: a transaction costs much, a row little. */
  readonly lingerMs: number;
  /** Entries that a worker left unacknowledged for so long are taken over; never less than twice the slowest batch. */
  readonly claimMinIdleMs: number;
  /** Days for which rows are kept; 0 keeps them for ever. */
  readonly retentionDays: number;
  readonly topic: string;
  /** Seconds by which a worker may be behind before it says so. */
  readonly lagLimitSeconds: number;
}
