import type { UnifiedAnalysis } from '../../../domain/analysis/unified-analysis.ts';
import { type Timeframe, timeframes } from '../../../domain/base/timeframe.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { Rate, RateProblem, TapedClose } from '../../../domain/guidance/conversion.ts';
import type { Facts } from '../../../domain/guidance/fact.ts';
import type { EarlierTrade } from '../../../domain/guidance/fact-sources.ts';
import { factsOf } from '../../../domain/guidance/facts.ts';
import { timeOf } from '../../../domain/guidance/payload-fields.ts';
import { accountCurrencyOf } from '../../../domain/guidance/trade-risk.ts';
import type { Instrument } from '../../../domain/instrument/instrument.ts';
import { isLegalSymbol } from '../../../domain/tick/symbol.ts';
import type { StrategyPayload } from '../../../domain/trade/strategy-payload.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { GuidanceMetrics } from './guidance-metrics.ts';

/** What guidance reads beside the payload. Each rejects with a PulseError where its engine is away. */
export interface GuidanceSources {
  /** The newest analysis; null where there is none. */
  analysis(symbol: string, timeframe: Timeframe): Promise<UnifiedAnalysis | null>;
  /** Close of the newest bar of the active source; null where there is none. */
  close(symbol: string): Promise<TapedClose | null>;
  /** How many of `to` one of `from` was at `at` (epoch milliseconds), by closes of the active source from before that. */
  rate(from: string, to: string, at: number): Promise<Rate | RateProblem>;
  /** The newest stored payloads of a strategy, at most `limit`, newest first. */
  earlier(strategy: string, limit: number): Promise<readonly EarlierTrade[]>;
  instrument(symbol: string): Instrument;
  /** Of the account, where a payload names none; null: not set. */
  readonly accountCurrency: string | null;
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
  // A missing bar is told apart from a tape that is away.
  const orAway = async <T>(input: string, work: Promise<T>): Promise<T | 'away'> =>
    (
      await orMissing(
        input,
        work.then((value) => ({ value })),
      )
    )?.value ?? 'away';
  const instrument = legal ? sources.instrument(symbol) : null;
  const [analysis, close, earlier, rate] = await Promise.all([
    legal && timeframe !== undefined ? orMissing('analysis', sources.analysis(symbol, timeframe)) : null,
    legal
      ? orAway(
          'bars',
          sources.close(symbol).then((found) => found ?? 'none'),
        )
      : ('none' as const),
    orMissing('trades', sources.earlier(payload.strategy, EARLIER)),
    orAway('rate', rateFor(payload, instrument, sources)),
  ]);
  await turn();
  return factsOf({
    payload,
    analysis,
    close,
    earlier,
    instrument,
    accountCurrency: sources.accountCurrency,
    rate: rate === NO_RATE ? null : rate,
    now: clock.now(),
  });
}

/** None is needed, or one of the two currencies is not known. */
const NO_RATE = 'no rate';

async function rateFor(
  payload: StrategyPayload,
  instrument: Instrument | null,
  sources: GuidanceSources,
): Promise<Rate | RateProblem | typeof NO_RATE> {
  const quote = instrument?.quote ?? null;
  const currency = accountCurrencyOf(payload, sources.accountCurrency);
  if (quote === null || currency === null || quote === currency) return NO_RATE;
  const at = timeOf(payload);
  return at === null ? 'later' : sources.rate(quote, currency, at);
}
