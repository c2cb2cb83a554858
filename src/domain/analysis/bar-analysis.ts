import type { Timeframe } from '../base/timeframe.ts';
import type { UnifiedAnalysis } from './unified-analysis.ts';

/** The analysis of one bar, with what says which bar it is. */
export interface BarAnalysis {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Start of the bar, epoch milliseconds. */
  readonly start: number;
  /** False where the bar closed by the clock and a late tick may still change it. */
  readonly settled: boolean;
  readonly payload: UnifiedAnalysis;
}
