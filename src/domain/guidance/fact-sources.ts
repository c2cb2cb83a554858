import type { UnifiedAnalysis } from '../analysis/unified-analysis.ts';
import type { Instrument } from '../instrument/instrument.ts';
import type { StrategyPayload } from '../trade/strategy-payload.ts';
import type { Rate, RateProblem, TapedClose } from './conversion.ts';
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
  /** Close of the newest bar of the symbol; `none`: there is none; `away`: it could not be read. */
  readonly close: TapedClose | 'none' | 'away';
  /** What is fixed about the symbol; null: it is none that could be looked up. */
  readonly instrument: Instrument | null;
  /** Of the account, where the payload names none; null: not set. */
  readonly accountCurrency: string | null;
  /** From the quote currency to that of the account, as of the payload’s time; null: none is needed, or one of the two is not known. */
  readonly rate: Rate | RateProblem | null;
  /** Of the same strategy; null: it could not be read, which is not the same as none. */
  readonly earlier: readonly EarlierTrade[] | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Facts that one source gives; those that it leaves out are missing. */
export type SomeFacts = Partial<Record<FactName, FactValue | null>>;
