import { StateMachine } from '../../domain/base/state-machine.ts';
import type { GapRecord } from '../../domain/gap/gap.ts';
import { fillInstance } from '../../domain/tape/fill-instance.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { PubSub } from '../../ports/pub-sub.ts';
import type { Spool, SpooledGap } from '../../ports/spool.ts';
import type { StreamBegin, TapeEnds, TapeNote, TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { allTicks } from './back-fill.ts';
import { Passage } from './passage.ts';
import { Reception } from './reception.ts';
import { isMark, type TapeItem, TapeQueue } from './tape-queue.ts';

export interface PubSubTapeNeeds {
  readonly pubsub: PubSub;
  /** Where the publisher also writes streams; null: gaps stay open. */
  readonly streams: EntryStream | null;
  /** Null: what does not fit into memory is a gap. */
  readonly spool: Spool | null;
  readonly clock: Clock;
  /** Told once, with its id, of an entry of the streams that belongs to no symbol: gaps cannot be filled from such. */
  readonly onAnonymous?: (id: string) => void;
}

export interface PubSubTapeOptions {
  readonly service: string;
  readonly instance: string;
  /** `ticks.*` */
  readonly pattern: string;
  /** Bytes that may wait in memory. */
  readonly memoryBytes: number;
  /** Prefix of the tick streams: `v2`. */
  readonly streamPrefix: string;
  /** How far clocks may differ and deliveries may lag. */
  readonly fillMarginMs: number;
}

/**
 * `held`: receives, gives nothing out. `aligning`: goes through what is held. `giving`: gives out. `parked`: what was not taken is on disk,
 * or cannot be put there; nothing is given out any more.
 */
type TapeState = 'held' | 'aligning' | 'giving' | 'parked';

const TELL_MS = 500;
/** How long a subscription that is on its way is waited for where others bring ticks, too: without it the ends are to be looked at again. */
const JOIN_MS = 1_000;
const LOOK_FOR_IT_MS = 20;
/** How often the stream's oldest entry is looked at. */
const LOOK_MS = 1_000;

/**
 * The tape of a pub/sub pattern, its gaps filled from the publisher's streams. What is received, and where gaps lie in it, goes through
 * one queue. A gap's place leaves it only when all that fills it was taken: whatever happens before, whoever goes on finds it again.
 */
export class PubSubTape implements TickTape {
  readonly #needs: PubSubTapeNeeds;
  readonly #options: PubSubTapeOptions;
  readonly #queue: TapeQueue;
  readonly #reception: Reception;
  readonly #state = new StateMachine<TapeState>('the tape', 'held', {
    held: ['aligning', 'parked'],
    aligning: ['giving', 'held', 'parked'],
    giving: ['held', 'parked'],
    parked: [],
  });
  /** Aborts once nothing is given out any more. */
  readonly #parking = new AbortController();
  #passage: Passage | null = null;
  #giving: Promise<unknown> = Promise.resolve();
  #holding: Promise<void> = Promise.resolve();
  #onGap: (gap: GapRecord) => void = () => undefined;
  #own: readonly string[];
  #fillSeq = 0;
  #begin: StreamBegin | null = null;
  #anonymousTold = false;
  /** Between which values the clock stood, compared with one that never jumps (milliseconds). */
  #clockOffsets: { least: number; most: number } | null = null;
  #wake: (() => void) | null = null;
  /** Rises with all that may give `next` something to give. */
  #news = 0;

  constructor(needs: PubSubTapeNeeds, options: PubSubTapeOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#own = [options.instance];
    this.#queue = new TapeQueue(needs.spool, options.memoryBytes, needs.clock);
    this.#reception = new Reception(
      {
        pubsub: needs.pubsub,
        queue: this.#queue,
        clock: needs.clock,
        begin: () => this.#begin,
        onNews: () => this.#notify(),
      },
      options.instance,
    );
  }

  get subscribed(): boolean {
    return this.#reception.receiving;
  }

  through(disk: boolean): number | null {
    const through = Math.min(this.#reception.through, this.#queue.oldest(!disk));
    return through === Number.NEGATIVE_INFINITY ? null : through;
  }

  get waiting(): { memory: number; disk: number } {
    return this.#queue.waiting;
  }

  /** Why the spool is out of use; null while it works. */
  get spoolFailure(): unknown {
    return this.#queue.failure;
  }

  /** Why the last back-fill failed; null when it did not. */
  get fillFailure(): unknown {
    return this.#passage?.fillFailure ?? null;
  }

  async run(note: TapeNote, onGap: (gap: GapRecord) => void, signal: AbortSignal): Promise<void> {
    this.#onGap = onGap;
    this.#watchClock();
    this.#own = [...this.#own, ...(note.runs ?? [])];
    this.#begin = note.begin ?? null;
    this.#needs.clock.every(LOOK_MS, () => this.#lookAtStream(), signal);
    this.#needs.clock.every(TELL_MS, () => this.#passage?.tellChanges(), signal);
    await this.#reception.run(this.#options.pattern, note, this.#unended(), signal);
    this.#passage?.tellChanges();
    this.#notify();
  }

  get begin(): StreamBegin | null {
    return this.#begin;
  }

  async #lookAtStream(): Promise<void> {
    const { streams, clock } = this.#needs;
    const seenAt = clock.now();
    try {
      const [first] = (await streams?.range(allTicks(this.#options.streamPrefix), '-', '+', 1)) ?? [];
      if (first === undefined) this.#begin = null;
      // Of one that is still the oldest it stays known for how long it has been.
      else if (first.id !== this.#begin?.id) this.#begin = { id: first.id, seenAt };
    } catch {
      // The server is away: what was known stays true of the past.
    }
  }

  /** The gap in which the last run ended, where nothing was received any more. */
  #unended(): SpooledGap | null {
    const { spool } = this.#needs;
    const last = spool?.read(spool.size - 1, 1)[0];
    return last !== undefined && isMark(last) && last.gap.to === null ? last.gap : null;
  }

  async resume(ends: TapeEnds): Promise<void> {
    await this.#holding;
    if (this.#state.is('parked')) return;
    this.#state.to('aligning');
    const { clock, streams } = this.#needs;
    const { service, instance, pattern, streamPrefix, fillMarginMs } = this.#options;
    const calledAt = clock.now();
    if (ends.shared) await this.#subscription();
    // What others brought there was received here, too: a tick that comes only now would be brought a second time.
    await this.#reception.receivedThrough(calledAt, this.#parking.signal);
    if (ends.through !== null) await this.#queue.forget(this.#isOld(ends.through));
    // The places of gaps bear the time of a clock that may have been set since: none of them lies before what is known, unless by more than that.
    const jumps = this.#watchClock();
    const through = ends.through === null ? null : ends.through - jumps;
    const passage = new Passage(
      {
        queue: this.#queue,
        reception: this.#reception,
        clock,
        streams,
        onGap: (gap) => this.#onGap(gap),
        onNews: () => this.#notify(),
        onAnonymous: (id) => this.#tellAnonymous(id),
        nextFillSeq: () => ++this.#fillSeq,
        // detached: a failure is kept in `#holding`, which whoever takes the tape over awaits
        onEarly: () => void this.hold(),
      },
      { ...ends, through },
      {
        teller: { service, instance, pattern },
        fillInstance: fillInstance(instance),
        own: this.#own,
        streamPrefix,
        marginMs: fillMarginMs,
        // A clock that was set back makes what was asked for before that look later.
        shared: ends.shared ? { published: calledAt, asked: calledAt + jumps } : null,
      },
    );
    if (!this.#state.is('aligning')) return;
    this.#passage = passage;
    await passage.align();
    if (!this.#state.is('aligning')) return;
    this.#state.to('giving');
    this.#notify();
  }

  /** Resolves once a subscription stands that is on its way, or has not come for a while. */
  async #subscription(): Promise<void> {
    const { clock } = this.#needs;
    const { signal } = this.#parking;
    const begun = clock.monotonic();
    while (this.#reception.joins && clock.monotonic() - begun < JOIN_MS && !signal.aborted)
      await clock.sleep(LOOK_FOR_IT_MS, signal);
  }

  get over(): boolean {
    return this.#state.is('parked') || this.#passage?.over === true;
  }

  hold(): Promise<void> {
    if (this.#state.is('held', 'parked')) return this.#holding;
    this.#state.to('held');
    this.#holding = this.#endPassage().then(() => this.#queue.giveBack());
    return this.#holding;
  }

  async #endPassage(): Promise<void> {
    this.#passage?.tellChanges();
    this.#passage?.end();
    this.#passage = null;
    this.#notify();
    await this.#giving;
  }

  async forget(before: number): Promise<void> {
    await this.#holding;
    if (this.#state.is('held')) await this.#queue.forget(this.#isOld(before));
  }

  /** What was published before `moment`, for certain; or received before it, and so published before it, too. */
  #isOld(moment: number): (item: TapeItem) => boolean {
    const margin = HELD_MARGIN_MS + this.#watchClock();
    return (item) => {
      const end = isMark(item) ? this.#reception.current(item.gap).to : item.receivedAt;
      return end !== null && end < moment - margin;
    };
  }

  /** Notes jumps of the clock: moments from before and after one are no more comparable than that. */
  #watchClock(): number {
    const { clock } = this.#needs;
    const offset = clock.now() - clock.monotonic();
    const { least, most } = this.#clockOffsets ?? { least: offset, most: offset };
    this.#clockOffsets = { least: Math.min(least, offset), most: Math.max(most, offset) };
    return this.#clockOffsets.most - this.#clockOffsets.least;
  }

  async next(max: number): Promise<TapeTick[]> {
    for (;;) {
      const news = this.#news;
      const passage = this.#passage;
      if (passage !== null && this.#state.is('giving')) {
        // Who is told of a gap meanwhile may hold the tape: that is to wait for this.
        const giving = Promise.resolve().then(() => passage.give(max));
        this.#giving = giving.catch(() => undefined);
        const ticks = await giving;
        // What was given to a tape that is held meanwhile comes again.
        if (this.#passage !== passage) return [];
        if (ticks.length > 0) return ticks;
        if (passage.over) return [];
      } else if (!this.#state.is('aligning')) return [];
      if (this.#news !== news) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async taken(count: number): Promise<void> {
    await this.#passage?.taken(count);
  }

  async park(): Promise<boolean> {
    if (!this.#state.is('parked')) {
      this.#state.to('parked');
      this.#parking.abort();
      await this.#endPassage();
    }
    return this.#queue.park();
  }

  #tellAnonymous(id: string): void {
    if (!this.#anonymousTold) this.#needs.onAnonymous?.(id);
    this.#anonymousTold = true;
  }

  #notify(): void {
    this.#news += 1;
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/** How far the clocks of two subscribers may differ. */
const HELD_MARGIN_MS = 5_000;
