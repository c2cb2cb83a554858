import type { EnricherSettings } from './enricher-options.ts';
import type { KyleLambdaState } from './kyle-lambda.ts';
import type { OrderFlowState } from './order-flow.ts';
import type { PrevailingQuoteState } from './prevailing-quote.ts';
import type { PriceSeriesState } from './price-series.ts';
import type { RingState } from './ring.ts';
import type { TradeSpreadsState } from './trade-spreads.ts';
import type { VolumeBucketsState } from './volume-buckets.ts';

/** Ticks so far; those out of order and the outliers are counted among them. */
export interface EnricherCounts {
  readonly ticks: number;
  readonly outOfOrder: number;
  readonly outliers: number;
}

/** All that a tick enricher knows, as plain JSON: `JSON.parse(JSON.stringify(state))` goes on exactly as the original would. */
export interface EnricherState {
  readonly settings: EnricherSettings;
  readonly counts: EnricherCounts;
  /** Greatest `ts` so far, null before the first tick. */
  readonly latest: number | null;
  readonly quotesSinceTrade: number;
  readonly variance: number | null;
  readonly spreadShare: number | null;
  readonly quote: PrevailingQuoteState;
  readonly mids: PriceSeriesState;
  readonly trades: PriceSeriesState;
  readonly spreads: RingState;
  readonly flow: OrderFlowState;
  readonly buckets: VolumeBucketsState;
  readonly kyle: KyleLambdaState;
  readonly tradeSpreads: TradeSpreadsState;
}
