import { quotedPrice } from '../instrument/price-text.ts';

/** A tick as a tape holds it. */
export interface TapedTick {
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly price: number;
  /** Exact decimal text. */
  readonly volume: string;
  /** Where on the tape: `ticks.EURUSD/0@1234`, or a stream and the id of its entry. */
  readonly place: string;
}

/** The first tick on which two tapes of a minute differ. `altered`: both have one at that time, and they are not the same. */
export interface TickDifference {
  readonly kind: 'only incumbent' | 'only candidate' | 'altered' | 'other order';
  readonly incumbent: TapedTick | null;
  readonly candidate: TapedTick | null;
}

/**
 * The first differing tick of two tapes, in order of time, ties in order of the tape; null where they hold the same ticks, and in
 * orders that give the same bar. A tick that one tape has twice and the other once differs at its second place.
 */
export function firstDifference(
  incumbent: readonly TapedTick[],
  candidate: readonly TapedTick[],
): TickDifference | null {
  const [a, b] = [byTime(incumbent.map(quoted)), byTime(candidate.map(quoted))];
  const [onlyA = null] = ticksOnlyIn(a, b);
  const [onlyB = null] = ticksOnlyIn(b, a);
  if (onlyA !== null && onlyB !== null && onlyA.ts === onlyB.ts)
    return { kind: 'altered', incumbent: onlyA, candidate: onlyB };
  if (onlyA !== null && (onlyB === null || onlyA.ts < onlyB.ts))
    return { kind: 'only incumbent', incumbent: onlyA, candidate: null };
  if (onlyB !== null) return { kind: 'only candidate', incumbent: null, candidate: onlyB };
  const at = a.findIndex((tick, i) => contentOf(tick) !== contentOf(b[i]!));
  return at === -1 ? null : { kind: 'other order', incumbent: a[at]!, candidate: b[at]! };
}

/** Middles of two quotes that differ by the way in which they were computed are the same price. */
const quoted = (tick: TapedTick): TapedTick => ({ ...tick, price: quotedPrice(tick.price) });

const contentOf = ({ ts, price, volume }: TapedTick): string => `${ts} ${price} ${volume}`;

/** Sorting is stable: ties stay in the order of the tape, as they do for the bar builder. */
const byTime = (ticks: readonly TapedTick[]): TapedTick[] => [...ticks].sort((a, b) => a.ts - b.ts);

/** The ticks of `ticks` that `others` does not have, or has fewer times, in order. */
export function ticksOnlyIn(ticks: readonly TapedTick[], others: readonly TapedTick[]): TapedTick[] {
  const left = new Map<string, number>();
  for (const tick of others) left.set(contentOf(tick), (left.get(contentOf(tick)) ?? 0) + 1);
  return ticks.filter((tick) => {
    const count = left.get(contentOf(tick)) ?? 0;
    left.set(contentOf(tick), count - 1);
    return count <= 0;
  });
}

/** Open, high, low and close of ticks in order of time, ties in order of the tape; null of none. */
export function pricesOf(ticks: readonly TapedTick[]): Record<'open' | 'high' | 'low' | 'close', number> | null {
  const prices = byTime(ticks).map(({ price }) => price);
  if (prices.length === 0) return null;
  return { open: prices[0]!, high: extreme(prices, Math.max), low: extreme(prices, Math.min), close: prices.at(-1)! };
}

/** Spread as arguments, the ticks of a busy minute are more than a call takes. */
const extreme = (prices: readonly number[], of: (a: number, b: number) => number): number =>
  prices.reduce((a, b) => of(a, b));

/** The prices at the first and at the last moment of these ticks. More than one at a moment: which comes first is a matter of order. */
export function tiedPrices(ticks: readonly TapedTick[]): { readonly first: number[]; readonly last: number[] } {
  const sorted = byTime(ticks);
  const at = (ts: number | undefined): number[] => sorted.filter((tick) => tick.ts === ts).map(({ price }) => price);
  return { first: at(sorted[0]?.ts), last: at(sorted.at(-1)?.ts) };
}
