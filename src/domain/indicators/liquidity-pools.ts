import type { SessionExtremes } from './session-range.ts';
import type { Swing } from './swings.ts';

export interface LiquidityPool {
  /** Buy stops rest above highs, sell stops below lows. */
  readonly side: 'buy' | 'sell';
  /** The first of its equal highs or lows. */
  readonly price: number;
  /** How many swings made it: 2 or more are equal highs or lows. */
  readonly touches: number;
  /** Whether it is the extreme of a session. */
  readonly session: boolean;
  /** Start of the bar that made it, epoch milliseconds. */
  readonly start: number;
  /** The last price that still counts as equal; beyond it the pool is swept or taken. */
  readonly limit: number;
}

/** The pools with a swing more. */
export function joined(pools: readonly LiquidityPool[], { kind, price, start }: Swing, tolerance: number) {
  const side = kind === 'high' ? 'buy' : 'sell';
  const equal = poolAt(pools, side, price);
  if (equal === undefined) return [...pools, poolOf(side, price, start, tolerance, false)];
  // The swing that is itself the extreme of a session made that pool already.
  if (equal.start === start) return pools;
  return pools.map((pool) => (pool === equal ? { ...pool, touches: pool.touches + 1 } : pool));
}

/** The pools with the extremes of a session that has ended. */
export function marked(pools: readonly LiquidityPool[], { high, low }: SessionExtremes, tolerance: number) {
  let after = pools;
  for (const [side, { price, start }] of [['buy', high] as const, ['sell', low] as const]) {
    const there = poolAt(after, side, price);
    after =
      there === undefined
        ? [...after, poolOf(side, price, start, tolerance, true)]
        : after.map((pool) => (pool === there ? { ...pool, session: true } : pool));
  }
  return after;
}

/** At most `keep` pools on each side. */
export function held(pools: readonly LiquidityPool[], keep: number): readonly LiquidityPool[] {
  // Most bars find room: nothing is copied.
  if (pools.length <= keep) return pools;
  return dropped(dropped(pools, 'buy', keep), 'sell', keep);
}

function dropped(pools: readonly LiquidityPool[], side: LiquidityPool['side'], keep: number): readonly LiquidityPool[] {
  let left = pools;
  for (let over = count(pools, side) - keep; over > 0; over -= 1) {
    const least =
      left.find((pool) => pool.side === side && pool.touches === 1 && !pool.session) ??
      left.find((pool) => pool.side === side);
    left = left.filter((pool) => pool !== least);
  }
  return left;
}

function count(pools: readonly LiquidityPool[], side: LiquidityPool['side']): number {
  let found = 0;
  for (const pool of pools) if (pool.side === side) found += 1;
  return found;
}

function poolOf(
  side: LiquidityPool['side'],
  price: number,
  start: number,
  tolerance: number,
  session: boolean,
): LiquidityPool {
  return { side, price, touches: 1, session, start, limit: side === 'buy' ? price + tolerance : price - tolerance };
}

/** The newest pool to which the price is equal. */
const poolAt = (pools: readonly LiquidityPool[], side: LiquidityPool['side'], at: number): LiquidityPool | undefined =>
  pools.findLast((pool) => pool.side === side && Math.abs(at - pool.price) <= Math.abs(pool.limit - pool.price));
