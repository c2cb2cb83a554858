import type { Aggressor } from './aggressor.ts';

/**
 * What the enricher needs of a tick. With `bid` and `ask` it is a quote, else a trade at `price`. A quote is a trade as well when it has
 * volume and says more than a quote would: a side, or a price other than its mid. The volume of any other quote is tick volume.
 * Prices are finite and below 1e15, volumes below 1e18.
 */
export interface EnricherTick {
  /** Epoch milliseconds, UTC, to the microsecond. */
  readonly ts: number;
  /** Price of a trade; of a quote (bid + ask) / 2 unless it states another. */
  readonly price: number;
  readonly bid: number | null;
  readonly ask: number | null;
  /** 0 where the tick has none. */
  readonly volume: number;
  readonly side: Aggressor | null;
}

/**
 * crossed: bid > ask. locked: bid = ask. stale: the tick repeats a price (a quote: both sides of it) that has not changed for
 * `staleAfterMs` or longer. out_of_order: `ts` is below the greatest one so far. outlier: see PriceSeries; a trade between the
 * sides of the prevailing quote is none.
 */
export type TickFlag = 'crossed' | 'locked' | 'stale' | 'out_of_order' | 'outlier';

/**
 * The readings of a tick, as on the wire. An outlier shows its own mid, spread, direction, log return and effective spread, but enters no
 * statistic; a tick out of order shows its own mid and spread only. All other readings stand as after the last tick that entered them.
 */
export interface TickReadings {
  /** (bid + ask) / 2 of this quote; null for a trade without one. */
  readonly mid: number | null;
  /** ask − bid of this quote, in price; negative where crossed. */
  readonly spread: number | null;
  /** The spread in basis points of |mid|; null also where mid is 0. */
  readonly spread_bps: number | null;
  readonly flags: readonly TickFlag[];
  /** Tick rule (Lee & Ready 1991): sign of the change from the last price of its kind (mid or trade), a zero tick carrying the last sign; 0 before the first change. */
  readonly direction: -1 | 0 | 1;
  /** ln(p / last p): mid over mid for quotes, price over price for trades; null for the first of its kind, and at or below zero. */
  readonly log_return: number | null;
  /** Standard deviation of the log returns per tick: √σ², σ² ← λσ² + (1 − λ)r² (RiskMetrics 1996), begun with the first r²; null before it. */
  readonly volatility: number | null;
  /** In [-1, 1]: of quotes for a quote, of trades for a trade; see OrderFlow. */
  readonly order_flow_imbalance: number | null;
  /** In [0, 1]: see VolumeBuckets. */
  readonly vpin: number | null;
  /** 2·|price − prevailing mid| of this trade, in price (Lee & Ready 1991; SEC Rule 605); null for quotes and where no fresh quote prevails. */
  readonly effective_spread: number | null;
  /** Mean over the newest measured trades, in price: see TradeSpreads. */
  readonly realized_spread: number | null;
  /** Mean of effective − realised spread of the same trades, in price. */
  readonly price_impact: number | null;
  /** Price per unit of signed volume: see KyleLambda. */
  readonly kyle_lambda: number | null;
  /** 0 (poor) to 100: 50·(share of the last quotes with a wider spread) + 50·(depth share of VolumeBuckets); twice the one where only one is known. */
  readonly liquidity_score: number | null;
  /** 0 to 100 (one-sided flow): 100 × vpin. */
  readonly toxicity_score: number | null;
}

export const CROSSED = 1;
export const LOCKED = 2;
export const STALE = 4;
export const OUT_OF_ORDER = 8;
export const OUTLIER = 16;

const NAMES: readonly TickFlag[] = ['crossed', 'locked', 'stale', 'out_of_order', 'outlier'];

/** The flags of each sum of the bits above. Made once, so that a tick makes no array. */
export const FLAGS: readonly (readonly TickFlag[])[] = Array.from({ length: 32 }, (_, bits) =>
  Object.freeze(NAMES.filter((_name, bit) => (bits & (1 << bit)) !== 0)),
);
