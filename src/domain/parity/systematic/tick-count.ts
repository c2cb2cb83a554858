import { otherSide, type Side } from '../parity-bar.ts';
import type { FoundFault } from './fault.ts';
import { type Fit, onEitherSide, type View } from './view.ts';

/** A side's volume is the number of its ticks. */
export function volumeIsTickCount(view: View): FoundFault | null {
  return onEitherSide((side) => {
    const fit = fitOf(view, side);
    const verdict = view.judge(fit);
    if (!verdict.holds) return null;
    if (view.isChance(fit, [fitOf(view, otherSide(side))])) return null;
    const statement = `the ${view.name(side)}'s volume is the number of ticks, and not what was traded`;
    return view.found(verdict, { kind: 'volume is the tick count', side, statement });
  });
}

function fitOf(view: View, side: Side): Fit {
  const countAt = (start: number): number | null =>
    view.index[side].get(start)?.n ??
    view.index[otherSide(side)].get(start)?.n ??
    view.compared.ticks[side].get(start)?.length ??
    null;
  return (minute) => {
    const [own, other] = [minute[side], minute[otherSide(side)]];
    if (own === null || other === null) return false;
    const n = countAt(minute.start);
    return n === null ? null : Number(own.volume) === n && view.samePrices(own, other);
  };
}
