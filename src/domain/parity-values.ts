import { exceeds, parseDecimal } from './decimal.ts';
import type { Conclusion } from './mismatch-cause.ts';
import type { SideBar, SideNames } from './parity-bar.ts';

/** Whether two bars differ in open or close only, each within the same high and low. */
export const tieOrder = (a: SideBar, b: SideBar): boolean =>
  a.high === b.high && a.low === b.low && a.volume === b.volume && (a.open !== b.open || a.close !== b.close);

/** What can be concluded where a side tells neither its ticks nor their digest: more ticks give more volume and a wider range, never less. */
export function causeByValues(incumbent: SideBar, candidate: SideBar, names: SideNames): Conclusion {
  const from = 'from the values alone, for a side does not tell its ticks';
  if (tieOrder(incumbent, candidate)) return { cause: 'tie order', evidence: `only open or close differ, ${from}` };
  if (holdsMore(candidate, incumbent))
    return {
      cause: 'extra ticks',
      evidence: `the ${names.candidate} has the wider range or the greater volume, ${from}`,
    };
  if (holdsMore(incumbent, candidate))
    return {
      cause: 'missing ticks',
      evidence: `the ${names.candidate} has the narrower range or the smaller volume, ${from}`,
    };
  return { cause: 'altered ticks', evidence: `neither bar holds the other, ${from}` };
}

/** Whether `a` can have all ticks of `b` and more. */
const holdsMore = (a: SideBar, b: SideBar): boolean =>
  a.high >= b.high && a.low <= b.low && !exceeds(volumeOf(b), volumeOf(a));

/** Volumes of bars are decimals: their constructors saw to it. */
const volumeOf = ({ volume }: SideBar) => parseDecimal(volume) ?? { units: 0n, scale: 0 };
