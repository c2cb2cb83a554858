import type { UnifiedAnalysis } from '../../../domain/analysis/unified-analysis.ts';
import { PulseError } from '../../../domain/errors.ts';
import type { Facts } from '../../../domain/guidance/fact.ts';
import type { EarlierTrade } from '../../../domain/guidance/fact-sources.ts';
import { factsOf } from '../../../domain/guidance/facts.ts';
import type { StrategyPayload } from '../../../domain/strategy-payload.ts';
import { isLegalSymbol } from '../../../domain/symbol.ts';
import { type Timeframe, timeframes } from '../../../domain/timeframe.ts';
import type { CalendarName } from '../../../domain/trading-calendar.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { GuidanceMetrics } from './guidance-metrics.ts';

/** What guidance reads beside the payload. Each rejects with a PulseError where its engine is away. */
export interface GuidanceSources {
  /** The newest analysis; null where there is none. */
  analysis(symbol: string, timeframe: Timeframe): Promise<UnifiedAnalysis | null>;
  /** Close of the newest bar of the active source; null where there is none. */
  close(symbol: string): Promise<number | null>;
  /** The newest stored payloads of a strategy, at most `limit`, newest first. */
  earlier(strategy: string, limit: number): Promise<readonly EarlierTrade[]>;
  calendar(symbol: string): CalendarName;
}

/** Stored payloads that are looked at for losses and over-trading. */
const EARLIER = 200;

interface GatherNeeds {
  readonly sources: GuidanceSources;
  readonly clock: Clock;
  readonly metrics: GuidanceMetrics;
  /** Resolves when it is this request's turn to compute. */
  readonly turn: () => Promise<void>;
}

/** The facts of a payload. An engine that is away makes facts missing, and is counted; guidance then says what it does not know. */
export async function gatherFacts(
  payload: StrategyPayload,
  { sources, clock, metrics, turn }: GatherNeeds,
): Promise<Facts> {
  const { symbol } = payload.market;
  const timeframe = timeframes.find((each) => each === payload.market.timeframe.toLowerCase());
  // What cannot be a symbol is not looked up: it may be anything.
  const legal = isLegalSymbol(symbol);
  const orMissing = <T>(input: string, work: Promise<T>): Promise<T | null> =>
    work.catch((error: unknown) => {
      if (!(error instanceof PulseError)) throw error;
      metrics.missing.inc(1, { input });
      return null;
    });
  const [analysis, close, earlier] = await Promise.all([
    legal && timeframe !== undefined ? orMissing('analysis', sources.analysis(symbol, timeframe)) : null,
    legal ? orMissing('bars', sources.close(symbol)) : null,
    orMissing('trades', sources.earlier(payload.strategy, EARLIER)),
  ]);
  await turn();
  return factsOf({
    payload,
    analysis,
    close,
    earlier,
    calendar: legal ? sources.calendar(symbol) : 'fx',
    now: clock.now(),
  });
}
