import type { Detector } from '../detector.ts';
import { type Swing, type SwingState, swings } from '../swings.ts';

export interface ZigzagState {
  readonly swings: SwingState;
  /** The newest turning points, highs and lows in turn, oldest first; at most `KEPT`. */
  readonly pivots: readonly Swing[];
  /** How many of the pivots, from the end, the newest bar has set. */
  readonly fresh: number;
}

/** As many as X, A, B and C. */
const KEPT = 4;

/**
 * The chart as a line through alternating confirmed swings: of highs in a row the highest stands, the first of equals; of lows in a row the
 * lowest. Reads the newest four. The newest one may still give way to a more extreme one of its kind, which is a new reading of a later bar:
 * whatever rests on a pivot must rest on what it was when it was read. Where one bar confirms a high and a low, the one of the newest pivot's
 * kind counts as the first of the two, for nobody can tell.
 */
export const zigzag = (strength: number): Detector<ZigzagState, readonly Swing[]> => {
  const turns = swings(strength);
  return {
    start: () => ({ swings: turns.start(), pivots: [], fresh: 0 }),
    next: (state, bar) => {
      const swingState = turns.next(state.swings, bar);
      const found = turns.read(swingState);
      let pivots = state.pivots;
      let fresh = 0;
      const inTurn = found.length === 2 && pivots.at(-1)?.kind === 'low' ? [found[1]!, found[0]!] : found;
      for (const swing of inTurn) {
        const grown = extended(pivots, swing);
        if (grown === pivots) continue;
        pivots = grown;
        fresh += 1;
      }
      return { swings: swingState, pivots, fresh };
    },
    read: ({ pivots }) => pivots,
  };
};

function extended(pivots: readonly Swing[], swing: Swing): readonly Swing[] {
  const newest = pivots.at(-1);
  if (newest?.kind !== swing.kind) return [...pivots.slice(1 - KEPT), swing];
  const further = swing.kind === 'high' ? swing.price > newest.price : swing.price < newest.price;
  return further ? [...pivots.slice(0, -1), swing] : pivots;
}
