import { otherSide, type Side, type SideBar, sides } from '../parity-bar.ts';
import type { FoundFault } from './fault.ts';
import { type Fit, onEitherSide, UNRELATED_MS, type View } from './view.ts';

/** A side's bars cannot be read, for their high is the other's low and their low its high. */
export function highAndLowSwapped(view: View): FoundFault | null {
  return onEitherSide((side) => {
    const verdict = view.judge(swappedFit(view, side));
    if (!verdict.holds) return null;
    const statement = `the ${view.name(side)}'s high and low are swapped: they are the ${view.name(otherSide(side))}'s low and high, so that its bars cannot be read`;
    return view.found(verdict, { kind: 'high and low swapped', side, statement });
  });
}

function swappedFit(view: View, side: Side): Fit {
  return (minute) => {
    const [own, other, prices] = [minute[side], minute[otherSide(side)], minute.unreadable[side]?.prices ?? null];
    if (other === null) return null;
    // A bar of one price reads the same either way.
    if (own !== null) return own.high === own.low && view.samePrices(own, other);
    return prices !== null && view.samePrices({ ...other, ...prices, high: prices.low, low: prices.high }, other);
  };
}

/** A side's bars cannot be read, whatever the reason. */
export function unreadableBars(view: View): FoundFault | null {
  return onEitherSide((side) => {
    const verdict = view.judge((minute) => minute.unreadable[side] !== null, view.differing);
    if (!verdict.holds) return null;
    const first = view.differing.find((minute) => minute.unreadable[side] !== null)!.unreadable[side]!;
    const statement = `the ${view.name(side)}'s bars cannot be read; the first (${first.place}): ${first.reason}`;
    return { ...view.found(verdict, { kind: 'unreadable bars', side, statement }), explained: null };
  });
}

/** Under this symbol a side holds the bars of another one. */
export function symbolsSwapped(view: View): FoundFault | null {
  for (const other of view.compared.others) {
    const index = { incumbent: view.around(other.incumbent), candidate: view.around(other.candidate) };
    const found = onEitherSide((side) => {
      const fit = otherFit(view, side, index[otherSide(side)], 0);
      const verdict = view.judge(fit);
      if (!verdict.holds) return null;
      if (
        view.isChance(
          fit,
          UNRELATED_MS.map((off) => otherFit(view, side, index[otherSide(side)], off)),
        )
      )
        return null;
      const { symbol } = view.compared;
      const isMutual = view.judge(otherFit(view, otherSide(side), index[side], 0)).holds;
      const back = isMutual ? ', and the other way round: the two symbols are swapped' : '';
      const statement = `the ${view.name(side)}'s bars of ${symbol} are the ${view.name(otherSide(side))}'s of ${other.symbol}${back}`;
      return view.found(verdict, { kind: 'symbols swapped', side: isMutual ? null : side, statement });
    });
    if (found !== null) return found;
  }
  return null;
}

/** `off`: how far off a minute the other symbol's bar is of, in milliseconds. */
function otherFit(view: View, side: Side, index: ReadonlyMap<number, SideBar>, off: number): Fit {
  return ({ start, [side]: bar }) => {
    const foreign = index.get(start + off);
    if (bar === null) return foreign === undefined;
    return foreign !== undefined && view.same(bar, foreign);
  };
}

/** A side has no bar at all where the other has some, and none that cannot be read. */
export function sessionMissing(view: View): FoundFault | null {
  const { minutes } = view.compared;
  const absent = sides.find((side) => minutes.length > 0 && minutes.every((minute) => minute[side] === null));
  if (absent === undefined || minutes.some((minute) => minute.unreadable[absent] !== null)) return null;
  const statement = `the ${view.name(absent)} has no bar of all of it, where the ${view.name(otherSide(absent))} has ${minutes.length}`;
  const all = minutes.length;
  return {
    fault: { kind: 'session missing', side: absent, statement, fits: all, against: 0, explained: all, differing: all },
    explained: null,
  };
}
