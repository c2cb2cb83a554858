/** What a tick enricher can be told. All windows count ticks (or trades, or buckets) that entered the statistics. */
export interface EnricherOptions {
  /** Event time in milliseconds after which an unchanged price is stale, and a quote no longer prevails. */
  readonly staleAfterMs?: number;
  /** Robust z-score above which a move is an outlier. */
  readonly outlierZ?: number;
  /** Moves of which median and MAD are taken. */
  readonly outlierWindow?: number;
  /** The least scale of a move, in basis points of the price: the MAD of a quiet tape is 0. */
  readonly outlierFloorBps?: number;
  /** Of this many outliers in a row the last one is taken as the market's new level. */
  readonly relevelAfter?: number;
  /** After this long without a price, in milliseconds, the next one is a new opening and is not judged. */
  readonly reopenAfterMs?: number;
  /** λ of the volatility; 0.94 after RiskMetrics (1996). */
  readonly lambda?: number;
  /** Quotes, or trades, of the order-flow imbalance. */
  readonly flowWindow?: number;
  /** Mean ticks a volume bucket holds. */
  readonly ticksPerBucket?: number;
  /** Volume buckets of the VPIN; 50 after Easley, López de Prado & O'Hara (2012). */
  readonly buckets?: number;
  /** Pairs of Kyle's regression. */
  readonly kyleWindow?: number;
  /** Milliseconds after a trade at which its realised spread is taken; 5 s as in SEC Rule 605 and Huang & Stoll (1996). */
  readonly realizedAfterMs?: number;
  /** Trades of the mean realised spread and the mean price impact. */
  readonly realizedWindow?: number;
  /** Quotes among which a spread is ranked. */
  readonly spreadWindow?: number;
  /** A tape counts as one of quotes alone once so many quotes came without a trade between them. */
  readonly quoteOnlyAfter?: number;
}

export type EnricherSettings = Required<EnricherOptions>;

export const enricherDefaults: EnricherSettings = {
  staleAfterMs: 30_000,
  outlierZ: 6,
  outlierWindow: 63,
  outlierFloorBps: 0.25,
  relevelAfter: 5,
  reopenAfterMs: 3_600_000,
  lambda: 0.94,
  flowWindow: 100,
  ticksPerBucket: 50,
  buckets: 50,
  kyleWindow: 100,
  realizedAfterMs: 5_000,
  realizedWindow: 100,
  spreadWindow: 127,
  quoteOnlyAfter: 1_000,
};
