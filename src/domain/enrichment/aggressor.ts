/** Who took the liquidity of a trade. */
export type Aggressor = 'buy' | 'sell';

const AGGRESSORS: Readonly<Record<string, Aggressor>> = {
  buy: 'buy',
  buyer: 'buy',
  b: 'buy',
  bid: 'buy',
  '1': 'buy',
  false: 'buy',
  sell: 'sell',
  seller: 'sell',
  s: 'sell',
  a: 'sell',
  ask: 'sell',
  offer: 'sell',
  '2': 'sell',
  '-1': 'sell',
  true: 'sell',
};

/**
 * The aggressor that a tick's `side` names, in whatever case and with spaces around it; null where it names none.
 * `bid` and `ask` (also `b`, `a`) name the side of the book that the aggressor's order belongs to, as at Databento: a bid buys. Digits are
 * FIX tag 54. `true` and `false` are Binance's maker flag (“the buyer is the maker”), so that `true` is a sale.
 */
export function aggressor(side: string | undefined): Aggressor | null {
  if (side === undefined) return null;
  const key = side.trim().toLowerCase();
  return Object.hasOwn(AGGRESSORS, key) ? AGGRESSORS[key]! : null;
}
