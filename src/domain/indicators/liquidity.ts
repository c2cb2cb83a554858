import type { CalendarName } from '../calendar/trading-calendar.ts';
import type { Detector, PriceBar } from './detector.ts';
import { held, joined, type LiquidityPool, marked } from './liquidity-pools.ts';
import { type MeanRangeState, meanRange } from './mean-range.ts';
import { type SessionRange, sessionRange } from './session-range.ts';
import { type SwingState, swings } from './swings.ts';

export interface LiquidityOptions {
  /** Bars on each side of a swing; ≥ 1. */
  readonly strength?: number;
  /** How far apart equal highs may be, as a share of the mean true range; ≥ 0. */
  readonly tolerance?: number;
  /** Bars of the mean true range; ≥ 1. */
  readonly period?: number;
  /** Most pools held on each side; ≥ 1. */
  readonly keep?: number;
  /** Whose sessions leave their extremes as pools. */
  readonly calendar?: CalendarName;
}

/** What a bar did to a pool. */
export interface LiquidityEvent {
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly touches: number;
  /** Whether the pool was the extreme of a session. */
  readonly session: boolean;
  /** Start of the bar, epoch milliseconds. */
  readonly start: number;
  /** Start of the bar that made the pool. */
  readonly pool_start: number;
}

export interface LiquidityReading {
  /** Neither swept nor taken, oldest first. */
  readonly pools: readonly LiquidityPool[];
  /** What the newest bar swept. */
  readonly sweeps: readonly LiquidityEvent[];
  /** What it took. */
  readonly taken: readonly LiquidityEvent[];
}

export interface LiquidityState {
  readonly swings: SwingState;
  readonly range: MeanRangeState | null;
  readonly session: SessionRange | null;
  readonly pools: readonly LiquidityPool[];
  readonly sweeps: readonly LiquidityEvent[];
  readonly taken: readonly LiquidityEvent[];
}

/**
 * Liquidity: prices beyond which stop orders are likely to rest. A confirmed swing high (see `swings`) makes a buy-side pool at its high,
 * a swing low a sell-side pool at its low. A later swing within the pool's tolerance on either side of its price makes the highs (lows)
 * equal: the same pool with a touch more. The tolerance is `tolerance` mean true ranges at the bar that made the pool, and stays. When a
 * session of `calendar` is over, by the first bar at or after its end, its high and low, as far as there were bars, are pools too; where a
 * pool is there already, that one is marked and no touch is added.
 *
 * A bar that goes beyond a pool's price by more than the tolerance ends the pool: with a close back within it is a sweep, with a close
 * beyond it is taken. That is decided by the same bar: a close beyond followed by a close back within was taken. Bars are judged against
 * the pools known before them, those of a session that has ended included. Of more than `keep` pools on a side, the oldest single swing is
 * forgotten first, the oldest otherwise.
 *
 * The terms are the Inner Circle Trader's (M. Huddleston, no canonical text). The tolerance of 0.1 mean true ranges is that of equal highs
 * and lows in LuxAlgo's "Smart Money Concepts", which compares neighbouring pivots only. `liquidity` of joshyattridge/smart-money-concepts
 * has the same pools with a share of the range of the whole chart, which repaints, and calls any wick beyond the tolerance swept, wherever
 * the bar closes.
 */
export function liquidity({
  strength = 3,
  tolerance = 0.1,
  period = 14,
  keep = 16,
  calendar = '24x7',
}: LiquidityOptions = {}): Detector<LiquidityState, LiquidityReading> {
  const turning = swings(strength);
  return {
    start: () => ({ swings: turning.start(), range: null, session: null, pools: [], sweeps: [], taken: [] }),
    next: (state, bar) => {
      const seen = turning.next(state.swings, bar);
      const { session, ended } = sessionRange(calendar, state.session, bar);
      const before = tolerance * (state.range?.mean ?? 0);
      const judged = judge(ended === null ? state.pools : marked(state.pools, ended, before), bar);
      const range = meanRange(state.range, bar, period);
      let { pools } = judged;
      for (const swing of turning.read(seen)) pools = joined(pools, swing, tolerance * range.mean);
      return { ...judged, swings: seen, range, session, pools: held(pools, keep) };
    },
    read: ({ pools, sweeps, taken }) => ({ pools, sweeps, taken }),
  };
}

/** The pools that the bar leaves, and what it did to the others. */
function judge(pools: readonly LiquidityPool[], bar: PriceBar): Pick<LiquidityState, 'pools' | 'sweeps' | 'taken'> {
  const beyond = (pool: LiquidityPool) => (pool.side === 'buy' ? bar.high > pool.limit : bar.low < pool.limit);
  // Most bars reach no pool: the list is then handed on as it is.
  if (!pools.some(beyond)) return { pools, sweeps: [], taken: [] };
  const ended = pools.filter(beyond);
  const closedBeyond = ({ side, limit }: LiquidityPool) => (side === 'buy' ? bar.close > limit : bar.close < limit);
  const event = ({ side, price, touches, session, start }: LiquidityPool): LiquidityEvent => ({
    side,
    price,
    touches,
    session,
    start: bar.start,
    pool_start: start,
  });
  return {
    pools: pools.filter((pool) => !beyond(pool)),
    sweeps: ended.filter((pool) => !closedBeyond(pool)).map(event),
    taken: ended.filter(closedBeyond).map(event),
  };
}
