import { tickTopic } from '../../domain/symbol.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import type { TapeGap } from './tape-gap.ts';
import { isMark, type TapeQueue } from './tape-queue.ts';
import type { TapeSymbols } from './tape-symbols.ts';

/** Some of the ticks given out: from the queue, or filled in; or the place of a gap that they end with. */
type Given = { readonly queue: boolean; count: number } | { readonly gap: TapeGap };

/** Gives the tape out: what was received before a gap, what fills it, what came since. */
export class TapeOutlet {
  readonly #queue: TapeQueue;
  readonly #symbols: TapeSymbols;
  readonly #clock: Clock;
  readonly #instance: string;
  /** Gaps that were not passed yet. */
  readonly #gaps = new Map<string, TapeGap>();
  /** The gap whose place was reached. */
  #at: TapeGap | null = null;
  /** The gap that was passed last. */
  #passed: TapeGap | null = null;
  /** Rises with each tick that was filled in. */
  #seq = 0;
  readonly #given: Given[] = [];

  /** `instance` names what is filled in. */
  constructor(queue: TapeQueue, symbols: TapeSymbols, clock: Clock, instance: string) {
    this.#queue = queue;
    this.#symbols = symbols;
    this.#clock = clock;
    this.#instance = instance;
  }

  /** A gap whose place stands in the queue. */
  add(gap: TapeGap): void {
    this.#gaps.set(gap.id, gap);
  }

  /** Once nothing more is received, whether all that can be was given out: a gap that lasts to the end is for the next run to fill. */
  get over(): boolean {
    return this.#at === null ? this.#queue.exhausted : this.#at.to === null;
  }

  /** The next ticks; none where there are none yet. */
  async give(max: number): Promise<TapeTick[]> {
    for (;;) {
      const gap = this.#at;
      if (gap === null) {
        const items = await this.#queue.give(max);
        const [first] = items;
        if (first === undefined) return [];
        if (!isMark(first)) return this.#received(items as TapeTick[]);
        this.#at = this.#gaps.get(first.gap.id)!;
      } else if (gap.lane.length > 0) return this.#filled(gap, max);
      else if (gap.done) await this.#pass(gap);
      else return [];
    }
  }

  async #pass(gap: TapeGap): Promise<void> {
    this.#at = null;
    this.#passed = gap;
    this.#gaps.delete(gap.id);
    this.#given.push({ gap });
    await this.#queue.taken(this.#delivered());
  }

  #received(ticks: TapeTick[]): TapeTick[] {
    this.#given.push({ queue: true, count: ticks.length });
    const passed = this.#passed;
    return passed === null ? ticks : ticks.map((tick) => this.#symbols.marked(tick, passed));
  }

  #filled(gap: TapeGap, max: number): TapeTick[] {
    const receivedAt = this.#clock.now();
    const filled = gap.lane.splice(0, max).map(({ symbol, payload, hash }): TapeTick => {
      this.#seq += 1;
      const [channel, instance] = [tickTopic(symbol), this.#instance];
      return { channel, symbol, payload, hash, receivedAt, instance, seq: this.#seq, joinedAt: null };
    });
    this.#given.push({ queue: false, count: filled.length });
    return filled;
  }

  async taken(count: number): Promise<void> {
    let left = count;
    let queued = 0;
    for (let first = this.#given[0]; left > 0 && first !== undefined && 'count' in first; first = this.#given[0]) {
      const part = Math.min(left, first.count);
      first.count -= part;
      left -= part;
      if (first.queue) queued += part;
      if (first.count === 0) this.#given.shift();
      queued += this.#delivered();
    }
    await this.#queue.taken(queued);
  }

  /** Tells gaps that all ticks up to their end have been taken; how many. */
  #delivered(): number {
    let count = 0;
    for (let first = this.#given[0]; first !== undefined && 'gap' in first; first = this.#given[0]) {
      this.#given.shift();
      first.gap.delivered = true;
      first.gap.changed = true;
      first.gap.pressing = true;
      count += 1;
    }
    return count;
  }
}
