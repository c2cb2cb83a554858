import { MINUTE } from '../base/timeframe.ts';
import { currencies } from '../instrument/currencies.ts';
import { thresholds } from './thresholds.ts';

/** A symbol of the tape that trades one currency, metal or coin for another. */
export interface TapedPair {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
}

interface RateStep {
  readonly symbol: string;
  /** One divided by its price counts. */
  readonly inverted: boolean;
}

/** One symbol, or two that have a third currency in common. */
export type RatePath = readonly RateStep[];

/** Close of a bar of the tape. */
export interface TapedClose {
  readonly price: number;
  /** End of its minute, epoch milliseconds. */
  readonly at: number;
}

/** How many of one currency stand for one of another. */
export interface Rate {
  readonly rate: number;
  /** The symbols that it is of, as they are told. */
  readonly path: string;
  /** When its oldest close is from, epoch milliseconds. */
  readonly at: number;
}

/**
 * Why there is no rate. `none`: no symbol of the tape, nor two across a third currency, leads from the one to the other; `stale`: the newest from
 * before the trade is too old; `later`: there is none from before the trade; `away`: the tape could not be read.
 */
export type RateProblem = 'none' | 'stale' | 'later' | 'away';

/** The ways from one currency to another, the best first: a symbol of both, the same inverted, then two across a third currency. */
export function ratePaths(from: string, to: string, pairs: readonly TapedPair[]): RatePath[] {
  const single = (a: string, b: string): RateStep[] => [
    ...pairs.filter(({ base, quote }) => base === a && quote === b).map(({ symbol }) => ({ symbol, inverted: false })),
    ...pairs.filter(({ base, quote }) => base === b && quote === a).map(({ symbol }) => ({ symbol, inverted: true })),
  ];
  const across = thirds.flatMap((third) =>
    third === from || third === to
      ? []
      : single(from, third).flatMap((first) => single(third, to).map((second) => [first, second])),
  );
  return [...single(from, to).map((step) => [step]), ...across];
}

/** Those that most pairs have in common come first. Coins and metals are none: their prices differ from venue to venue. */
const thirds: readonly string[] = ['USD', 'EUR', ...currencies.filter((code) => code !== 'USD' && code !== 'EUR')];

/**
 * The rate along a path for a trade at `at` (epoch milliseconds), or why there is none. `closes`: of each of its symbols the newest close of a minute
 * that ended at or before `at`; null: there is none.
 */
export function rateOn(
  path: RatePath,
  closes: ReadonlyMap<string, TapedClose | null>,
  at: number,
): Rate | Extract<RateProblem, 'stale' | 'later'> {
  const steps = path.flatMap((step) => {
    const close = closes.get(step.symbol) ?? null;
    return close === null || close.at > at || !(close.price > 0) ? [] : [{ ...step, close }];
  });
  if (steps.length < path.length) return 'later';
  const oldest = Math.min(...steps.map(({ close }) => close.at));
  if (at - oldest > thresholds.rateStaleMinutes * MINUTE) return 'stale';
  return {
    rate: steps.reduce((rate, { inverted, close }) => (inverted ? rate / close.price : rate * close.price), 1),
    path: steps.map(({ symbol, inverted }) => (inverted ? `${symbol} inverted` : symbol)).join(' and '),
    at: oldest,
  };
}
