import { exceeds, parseDecimal } from '../base/decimal.ts';
import type { Conclusion } from './mismatch-cause.ts';
import type { SideBar, SideNames } from './parity-bar.ts';
import { type TapedTick, tiedPrices } from './parity-tape.ts';

/** Prices that were written as text and read again, or are the middle of two others. */
const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

/**
 * Whether two bars differ only in where they open or close, and these ticks hold a tie, ticks of one time at other prices, that accounts
 * for it. `ticks`: of a tape from which both may be.
 */
export function isTieOrder(a: SideBar, b: SideBar, ticks: readonly TapedTick[]): boolean {
  if (
    !isSame(a.high, b.high) ||
    !isSame(a.low, b.low) ||
    exceeds(volumeOf(a), volumeOf(b)) ||
    exceeds(volumeOf(b), volumeOf(a))
  )
    return false;
  const { first, last } = tiedPrices(ticks);
  const isTied = (x: number, y: number, prices: readonly number[]): boolean =>
    isSame(x, y) || [x, y].every((price) => prices.some((tied) => isSame(tied, price)));
  const differ = !isSame(a.open, b.open) || !isSame(a.close, b.close);
  return differ && isTied(a.open, b.open, first) && isTied(a.close, b.close, last);
}

/** What the values alone tell: more ticks give more volume and a wider range, never less. It is no cause: a faulty builder gives the same. */
export function unknownCause(incumbent: SideBar, candidate: SideBar, names: SideNames): Conclusion {
  const why = 'a side does not tell its ticks, and there are not both tapes to look at';
  return { cause: 'unknown', evidence: `${widerText(incumbent, candidate, names)}; ${why}` };
}

function widerText(incumbent: SideBar, candidate: SideBar, names: SideNames): string {
  if (holdsMore(candidate, incumbent)) return `the ${names.candidate} has the wider range or the greater volume`;
  if (holdsMore(incumbent, candidate)) return `the ${names.candidate} has the narrower range or the smaller volume`;
  return 'neither bar can hold all ticks of the other';
}

/** Whether `a` can have all ticks of `b` and more. */
const holdsMore = (a: SideBar, b: SideBar): boolean =>
  a.high >= b.high && a.low <= b.low && !exceeds(volumeOf(b), volumeOf(a));

/** Volumes of bars are decimals: their constructors saw to it. */
const volumeOf = ({ volume }: SideBar) => parseDecimal(volume) ?? { units: 0n, scale: 0 };
