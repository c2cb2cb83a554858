import type { Clock } from '../../../ports/clock.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { RecordLog } from '../../../ports/record-log.ts';
import type { TradeStore } from '../../../ports/trade-store.ts';

export interface ForwarderNeeds {
  readonly store: TradeStore;
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface ForwarderOptions {
  readonly topic: string;
  /** What it took is its own under this name, also after a restart; under another name it waits until that is overdue. */
  readonly forwarder: string;
  /** Days for which settled trades are kept; 0: for ever. */
  readonly retentionDays: number;
}
