import { MINUTE } from '../../base/timeframe.ts';
import { otherSide, type Side, type SideBar } from '../parity-bar.ts';
import type { FoundFault } from './fault.ts';
import { type Fit, onEitherSide, type View } from './view.ts';

/** Lengths in minutes that bars are mistaken for; short ones may begin at any minute. */
const LENGTHS = [2, 3, 4, 5, 10, 15, 30, 60];
const SHORT = 5;

/** A side has bars of several minutes where the other has one of each. */
export function longerBars(view: View): FoundFault | null {
  return onEitherSide((side) => {
    const absent = view.differing.filter((minute) => minute[side] === null).length;
    if (absent * 4 < view.differing.length) return null;
    for (const length of LENGTHS)
      for (let phase = 0; phase < (length <= SHORT ? length : 1); phase += 1)
        for (const stamp of [0, length]) {
          const verdict = view.judge(fitOf(view, side, length * MINUTE, phase * MINUTE, stamp * MINUTE));
          if (!verdict.holds) continue;
          const dated = stamp === 0 ? '' : ', dated on their close';
          const statement = `the ${view.name(side)}'s bars are of ${length} minutes${dated}, the ${view.name(otherSide(side))}'s of one`;
          return view.found(verdict, { kind: 'longer bars', side, statement });
        }
    return null;
  });
}

/** All in milliseconds. `stamp`: how long after its start a long bar is dated. */
function fitOf(view: View, side: Side, length: number, phase: number, stamp: number): Fit {
  const [long, short] = [view.index[side], view.index[otherSide(side)]];
  const told = new Map<number, boolean>();
  const isBucket = (start: number): boolean => {
    const parts: SideBar[] = [];
    for (let at = start; at < start + length; at += MINUTE) {
      const part = short.get(at);
      if (part !== undefined) parts.push(part);
      if (at > start && long.has(at + stamp)) return false;
    }
    const whole = long.get(start + stamp);
    return whole !== undefined && parts.length > 0 && view.same(whole, folded(parts));
  };
  return ({ start }) => {
    const bucket = Math.floor((start - phase) / length) * length + phase;
    const known = told.get(bucket) ?? isBucket(bucket);
    told.set(bucket, known);
    return known;
  };
}

/** Bars of consecutive minutes as one, as far as bars are compared. */
function folded(parts: readonly SideBar[]): SideBar {
  const volume = parts.reduce((sum, part) => sum + Number(part.volume), 0);
  return {
    ...parts[0]!,
    high: Math.max(...parts.map(({ high }) => high)),
    low: Math.min(...parts.map(({ low }) => low)),
    close: parts.at(-1)!.close,
    // Of a few volumes, each within tolerance; their sum needs no more digits than a double has.
    volume: volume.toFixed(8),
  };
}
