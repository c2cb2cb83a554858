import { otherSide, type Side, type SideBar, sameContent } from '../parity-bar.ts';
import type { FoundFault } from './fault.ts';
import { type Fit, onEitherSide, type View } from './view.ts';

/** A side repeats an earlier bar while the other goes on. */
export function staleBars(view: View): FoundFault | null {
  return onEitherSide((side) => {
    const fit = fitOf(view, side);
    const verdict = view.judge(fit, view.differing);
    if (!verdict.holds || view.isChance(fit, [fitOf(view, otherSide(side))])) return null;
    const statement = `the ${view.name(side)} repeats its last bar while the ${view.name(otherSide(side))} goes on: its bars are stale`;
    return view.found(verdict, { kind: 'stale bars', side, statement });
  });
}

function fitOf(view: View, side: Side): Fit {
  const before = new Map<number, SideBar>();
  let last: SideBar | undefined;
  for (const bar of view.index[side].values()) {
    if (last !== undefined) before.set(bar.start, last);
    last = bar;
  }
  return ({ start, [side]: bar }) => {
    const earlier = before.get(start);
    if (bar === null) return false;
    // A repeated bar repeats what it was made of, or says nothing of it.
    return earlier === undefined ? null : sameContent({ ...bar, digest: null }, { ...earlier, digest: null });
  };
}
