import { tickTopic } from '../../domain/tick/symbol.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import type { Skips } from './held-ticks.ts';
import type { TapeGap } from './tape-gap.ts';
import { isMark, type TapeQueue } from './tape-queue.ts';
import type { TapeSymbols } from './tape-symbols.ts';

/**
 * What was given out, in the order of the queue: ticks of the queue of which `left` are not taken yet and which free `items` of the queue
 * with the last of them, ticks that were filled in, or the place of a gap (null: of one in which nothing is missing).
 */
type Given =
  | { readonly kind: 'queue'; left: number; readonly items: number; readonly ticks: number }
  | { readonly kind: 'lane'; left: number }
  | { readonly kind: 'gap'; readonly gap: TapeGap | null };

export interface TapeOutletNeeds {
  readonly queue: TapeQueue;
  readonly symbols: TapeSymbols;
  /** What is in the log already. */
  readonly skips: Skips;
  /** Names what is filled in. */
  readonly fillInstance: string;
  /** Numbers what is filled in. */
  readonly nextSeq: () => number;
  /** Called when all that fills a gap was taken. */
  readonly onDelivered: () => void;
}

/** Gives the tape out: what was received before a gap, what fills it, what came since. */
export class TapeOutlet {
  readonly #needs: TapeOutletNeeds;
  /** Gaps that were not passed yet. */
  readonly #gaps = new Map<string, TapeGap>();
  /** The gap whose place was reached. */
  #at: TapeGap | null = null;
  /** The gap that was passed last. */
  #passed: TapeGap | null = null;
  readonly #given: Given[] = [];

  constructor(needs: TapeOutletNeeds) {
    this.#needs = needs;
  }

  /** A gap whose place stands in the queue. */
  add(gap: TapeGap): void {
    this.#gaps.set(gap.id, gap);
  }

  /** Once nothing more is received, whether all that can be was given out: a gap that lasts to the end is for the next run to fill. */
  get over(): boolean {
    return this.#at === null ? this.#needs.queue.exhausted : this.#at.state === 'lasting';
  }

  /** The next ticks; none where there are none yet. */
  async give(max: number): Promise<TapeTick[]> {
    // What came after a gap waits until it is told what the gap lacks: whoever finds it at its place must not take the gap for whole.
    while (this.#passed === null || this.#passed.state === 'delivered') {
      const gap = this.#at;
      if (gap === null) {
        const items = await this.#needs.queue.give(max);
        const [first] = items;
        if (first === undefined) return [];
        if (isMark(first)) await this.#reach(this.#gaps.get(first.gap.id) ?? null);
        else {
          const ticks = await this.#received(items as TapeTick[]);
          if (ticks.length > 0) return ticks;
        }
      } else if (gap.inLane > 0) return this.#filled(gap, max);
      else if (gap.state === 'filled') await this.#pass(gap);
      else return [];
    }
    return [];
  }

  async #reach(gap: TapeGap | null): Promise<void> {
    if (gap !== null) this.#at = gap;
    else {
      this.#given.push({ kind: 'gap', gap });
      await this.#needs.queue.taken(this.#settle());
    }
  }

  async #pass(gap: TapeGap): Promise<void> {
    this.#at = null;
    this.#passed = gap;
    this.#gaps.delete(gap.id);
    this.#given.push({ kind: 'gap', gap });
    await this.#needs.queue.taken(this.#settle());
  }

  /** Leaves out what is in the log already. */
  async #received(held: TapeTick[]): Promise<TapeTick[]> {
    const { queue, symbols, skips } = this.#needs;
    const ticks = skips.none ? held : held.filter((tick) => !skips.skips(tick));
    this.#given.push({ kind: 'queue', left: ticks.length, items: held.length, ticks: ticks.length });
    if (ticks.length === 0) await queue.taken(this.#settle());
    const passed = this.#passed;
    return passed === null ? ticks : ticks.map((tick) => symbols.marked(tick, passed));
  }

  #filled(gap: TapeGap, max: number): TapeTick[] {
    const { fillInstance, nextSeq } = this.#needs;
    const filled = gap.giveLane(max).map(({ symbol, payload, hash, receivedAt }): TapeTick => {
      const [channel, instance, seq] = [tickTopic(symbol), fillInstance, nextSeq()];
      return { channel, symbol, payload, hash, receivedAt, since: receivedAt, instance, seq, joinedAt: null };
    });
    this.#given.push({ kind: 'lane', left: filled.length });
    return filled;
  }

  async taken(count: number): Promise<void> {
    let left = count;
    let items = 0;
    for (let first = this.#given[0]; left > 0 && first !== undefined && first.kind !== 'gap'; first = this.#given[0]) {
      const part = Math.min(left, first.left);
      first.left -= part;
      left -= part;
      // What was left out stands between the ticks: it is freed with the last of them, the ticks before one by one.
      if (first.kind === 'queue' && first.items === first.ticks) items += part;
      else if (first.kind === 'queue' && first.left === 0) items += first.items;
      if (first.left > 0) break;
      this.#given.shift();
      items += this.#settle();
    }
    await this.#needs.queue.taken(items);
  }

  /** Told before its place leaves the queue: until then whoever goes on finds it there. */
  #delivered(gap: TapeGap): void {
    gap.deliver();
    this.#needs.onDelivered();
  }

  /** Of what was given out and needs no more taking: tells gaps that all ticks up to their end have been taken. How many items of the queue that frees. */
  #settle(): number {
    let items = 0;
    for (let first = this.#given[0]; first !== undefined; first = this.#given[0]) {
      if (first.kind !== 'gap' && first.left > 0) break;
      this.#given.shift();
      if (first.kind === 'gap' && first.gap !== null) this.#delivered(first.gap);
      if (first.kind === 'gap') items += 1;
      else if (first.kind === 'queue') items += first.items;
    }
    return items;
  }
}
