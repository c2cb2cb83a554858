import type { GapRecord } from '../../domain/gap/gap.ts';
import type { GapTeller, TapeGap } from './tape-gap.ts';

/**
 * Gaps that earlier runs, or another holder, told of and left open, and over which what is held now lies: once all of that is in the log
 * they lack what the gaps among it lack, and nothing else.
 */
export class CoveredGaps {
  #gaps: readonly GapRecord[];
  readonly #over: readonly TapeGap[];
  /** When what was held was gone through (epoch milliseconds). */
  readonly #alignedAt: number;

  constructor(gaps: readonly GapRecord[], over: readonly TapeGap[], alignedAt: number) {
    this.#gaps = gaps;
    this.#over = over;
    this.#alignedAt = alignedAt;
  }

  /** Their records, once: as soon as everything published before `through` (epoch milliseconds) was taken and that is all that was held. */
  settle(through: number, by: GapTeller, now: number): GapRecord[] {
    if (this.#gaps.length === 0 || through < this.#alignedAt) return [];
    if (!this.#over.every(({ state }) => state === 'delivered')) return [];
    const over = this.#over.map((gap) => gap.record(by, now)).filter(({ status }) => status === 'open');
    const settled = this.#gaps.map((gap) => asFarAs(gap, over, `${by.instance}`));
    this.#gaps = [];
    return settled;
  }
}

function asFarAs(gap: GapRecord, over: readonly GapRecord[], settledBy: string): GapRecord {
  const unseen = over.some((each) => each.unseen !== false);
  const lacks = (symbol: string): boolean =>
    (unseen && gap.unseen !== false) || over.some(({ symbols }) => symbol in symbols);
  const symbols = Object.fromEntries(Object.entries(gap.symbols).filter(([symbol]) => lacks(symbol)));
  const closed = Object.keys(symbols).length === 0 && !(unseen && gap.unseen !== false);
  return closed
    ? { ...gap, status: 'closed', symbols: {}, unseen: false, settled: true, settledBy }
    : { ...gap, symbols, unseen: unseen && gap.unseen !== false, settled: true, settledBy };
}
