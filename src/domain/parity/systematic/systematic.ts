import type { FoundFault } from './fault.ts';
import { longerBars } from './longer-bars.ts';
import { scaled } from './scaled.ts';
import { shifted } from './shifted.ts';
import { staleBars } from './stale.ts';
import { highAndLowSwapped, sessionMissing, symbolsSwapped, unreadableBars } from './swapped.ts';
import { volumeIsTickCount } from './tick-count.ts';
import { type ComparedSides, FEWEST, View } from './view.ts';

/**
 * In this order: bars that cannot be read come before those that are not there, where bars stand before what is in them, what is equal
 * to something before what is only in proportion to it, and a count, which is in proportion where all ticks are of one size, before that.
 */
const detectors: readonly ((view: View) => FoundFault | null)[] = [
  highAndLowSwapped,
  unreadableBars,
  shifted,
  longerBars,
  symbolsSwapped,
  volumeIsTickCount,
  scaled,
  staleBars,
  sessionMissing,
];

/** The one fault of a path that explains nearly all bars that differ, and more than chance does; null where there is none. */
export function systematicFault(compared: ComparedSides): FoundFault | null {
  const { minutes } = compared;
  const differing = minutes.filter(({ differs }) => differs).length;
  // A session of few bars may be missing; nothing else is told from so few.
  if (differing === 0 || (differing < FEWEST && differing < minutes.length)) return null;
  const view = new View(compared);
  for (const detect of detectors) {
    const found = detect(view);
    if (found !== null) return found;
  }
  return null;
}

/** Whether bars of other symbols might tell what this is: most bars stand on both sides, and differ. */
export function mayBeOtherSymbol({ minutes }: ComparedSides): boolean {
  const differing = minutes.filter(
    ({ differs, incumbent, candidate }) => differs && incumbent !== null && candidate !== null,
  );
  return differing.length >= FEWEST && differing.length * 2 >= minutes.length;
}
