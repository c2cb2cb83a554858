import type { UnifiedAnalysis } from '../analysis/unified-analysis.ts';
import type { StrategyPayload } from '../strategy-payload.ts';
import type { CalendarName } from '../trading-calendar.ts';
import type { FactName, FactValue } from './fact.ts';

/** An earlier payload of the same strategy. */
export interface EarlierTrade {
  /** When it was received, epoch milliseconds: counts where its own time cannot be read. */
  readonly at: number;
  readonly payload: unknown;
}

export interface FactSources {
  readonly payload: StrategyPayload;
  /** The newest of the payload's symbol and timeframe; null: there is none. */
  readonly analysis: UnifiedAnalysis | null;
  /** Close of the newest bar of the symbol; null: there is none. */
  readonly close: number | null;
  /** When the market of the symbol is open. */
  readonly calendar: CalendarName;
  /** Of the same strategy; null: it could not be read, which is not the same as none. */
  readonly earlier: readonly EarlierTrade[] | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Facts that one source gives; those that it leaves out are missing. */
export type SomeFacts = Partial<Record<FactName, FactValue | null>>;
