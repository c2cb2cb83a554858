import { otherSide, type Side } from '../../domain/parity/parity-bar.ts';
import type { KeyValue } from '../../ports/key-value.ts';
import { type BarSource, type BarSourceState, readBarSource } from './bar-source.ts';
import type { Sides } from './reconcile.ts';
import type { SideSource } from './side-source.ts';

/** What a reader of bars may ask for. */
type BarReader = Pick<SideSource, 'symbols' | 'has' | 'newest'>;

/** Where bars come from, as things stand. */
export interface ActiveBars extends BarSourceState {
  readonly side: Side;
  /** Of that side: whoever shows or serves bars takes them from here. */
  readonly bars: BarReader;
  /** Of the side that readers do not use, for comparison. */
  readonly other: BarReader;
}

const sideOf: Readonly<Record<BarSource, Side>> = { redis: 'incumbent', kafka: 'candidate' };

/** The one way to the bars that readers use. To be called for each answer: a promotion or rollback takes hold with the next one. */
export async function activeBars(sides: Sides, keys: KeyValue, configured: BarSource): Promise<ActiveBars> {
  const state = await readBarSource(keys, configured);
  const side = sideOf[state.source];
  return { ...state, side, bars: sides[side], other: sides[otherSide(side)] };
}
