import type { GapRecord } from '../../domain/gap/gap.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { TapeEnds, TapeTick } from '../../ports/tick-tape.ts';
import { CoveredGaps } from './covered-gaps.ts';
import { HeldTicks } from './held-ticks.ts';
import type { LiveGap, Reception, ReceptionObserver } from './reception.ts';
import { RefusedTicks } from './refused-ticks.ts';
import { CLOCK_SKEW_MS } from './stretch.ts';
import { TapeFiller } from './tape-filler.ts';
import { type GapTeller, TapeGap } from './tape-gap.ts';
import { TapeOutlet } from './tape-outlet.ts';
import { isMark, type TapeQueue } from './tape-queue.ts';
import { TapeSymbols } from './tape-symbols.ts';

export interface PassageNeeds {
  readonly queue: TapeQueue;
  readonly reception: Reception;
  readonly clock: Clock;
  /** Where the publisher also writes streams; null: gaps stay open. */
  readonly streams: EntryStream | null;
  readonly onGap: (gap: GapRecord) => void;
  readonly onNews: () => void;
  readonly onAnonymous: (id: string) => void;
  readonly nextFillSeq: () => number;
  /** Called when something comes, or may yet come, that others may have brought before it was known where the tape ends: that is to be found out anew. */
  readonly onEarly: () => void;
}

export interface PassageOptions {
  readonly teller: GapTeller;
  readonly fillInstance: string;
  /** Instances of this subscriber's runs. */
  readonly own: Iterable<string>;
  readonly streamPrefix: string;
  readonly marginMs: number;
  /**
   * What others may have brought to where the tape ends: what was published before `published`, which is received under a subscription
   * that was asked for before `asked` (epoch milliseconds). Null: there are no others.
   */
  readonly shared: { readonly published: number; readonly asked: number } | null;
}

/** How late a subscriber of an older version, which did not note it, heard at most that its subscription stood. */
const UNNOTED_MS = 30_000;

const askedOf = ({ to, asked }: LiveGap): number => asked ?? to! - UNNOTED_MS;

/** How exactly it is known through when another holder brought everything. */
const NOTE_MARGIN_MS = 500;

/**
 * The way of what is held, and of what is received from now on, to where the tape ends: what is there already is left out, gaps are
 * filled and told. It lasts until the tape is held again; what it was told, the next one finds out anew.
 */
export class Passage implements ReceptionObserver {
  readonly #needs: PassageNeeds;
  readonly #options: PassageOptions;
  readonly #ends: TapeEnds;
  readonly #refused: RefusedTicks;
  readonly #over = new AbortController();
  /** Gaps that may still change. */
  readonly #told = new Set<TapeGap>();
  readonly #symbols: TapeSymbols;
  readonly #filler: TapeFiller;
  #outlet: TapeOutlet | null = null;
  /** The gap that was opened last. */
  #opened: TapeGap | null = null;
  #covered: CoveredGaps | null = null;

  constructor(needs: PassageNeeds, ends: TapeEnds, options: PassageOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#ends = ends;
    this.#refused = new RefusedTicks(ends.refused ?? new Map());
    this.#symbols = new TapeSymbols(ends.symbols, this.#told);
    const { signal } = this.#over;
    this.#filler = new TapeFiller(
      {
        ...needs,
        refused: this.#refused,
        onFilled: (tick, gap) => this.#symbols.filled(tick, gap),
        receivedThrough: (moment) => needs.reception.receivedThrough(moment, signal),
        signal,
      },
      // Where a gap begins is a time of publication: how late it was received does not matter here.
      {
        prefix: options.streamPrefix,
        marginMs: Math.min(options.marginMs, CLOCK_SKEW_MS + 1_000),
        lagMs: options.marginMs,
      },
    );
  }

  /** Why the last back-fill failed; null when it did not. */
  get fillFailure(): unknown {
    return this.#filler.failure;
  }

  /** Whether no more will be given out: nothing is received any more, and all that can be was given. */
  get over(): boolean {
    return this.#over.signal.aborted || (this.#needs.reception.ended && this.#outlet?.over === true);
  }

  /** Goes through what is held, so that each gap knows what was received around it. */
  async align(): Promise<void> {
    const { queue, reception, nextFillSeq } = this.#needs;
    const { own, marginMs, fillInstance } = this.#options;
    const held = new HeldTicks(this.#ends.symbols, this.#refused, own, marginMs);
    await queue.show((item) => {
      if (!isMark(item)) return held.tick(item);
      const gap = reception.current(item.gap);
      held.gap(this.#beganAt(gap), gap.to);
    });
    // Whoever brought more into the log went on receiving.
    if (reception.ended) held.gap(reception.through, null);
    if (this.#over.signal.aborted) return;
    const skips = held.inLog();
    this.#outlet = new TapeOutlet({
      queue,
      symbols: this.#symbols,
      skips: skips.again(),
      fillInstance,
      nextSeq: nextFillSeq,
      onDelivered: () => {
        this.tellChanges(false);
        this.#needs.onNews();
      },
    });
    this.#tellUnsure(held.unsure);
    await queue.show(
      (item) => {
        if (isMark(item)) this.#reach(reception.current(item.gap));
        else if (!skips.skips(item)) {
          // A run that ended before it noted that it received again.
          if (this.#opened?.state === 'lasting') this.#endGap(item.receivedAt, item.since);
          this.#symbols.received(item);
        }
      },
      () => this.#watch(),
    );
    if (this.#over.signal.aborted) return;
    this.#covered = this.#coveredGaps();
    this.tellChanges();
  }

  /** From now on nothing is held that was not shown. */
  #watch(): void {
    const { reception, onEarly } = this.#needs;
    const { shared } = this.#options;
    if (this.#over.signal.aborted) return;
    if (shared !== null && reception.expects(shared.published)) onEarly();
    else reception.observe(this);
  }

  /** Those that nobody filled to the end, and that are not held under their own name: what is held goes on from before them. */
  #coveredGaps(): CoveredGaps {
    const over = [...this.#told];
    const held = new Set(over.map(({ id }) => id));
    const gaps = this.#ends.gaps.filter(({ id, from, settled }) => settled === false && from !== null && !held.has(id));
    return new CoveredGaps(gaps, over, this.#needs.clock.now());
  }

  /** Whether all of a gap is in the log by the word of another holder, who received meanwhile. */
  #isVoid({ to }: LiveGap): boolean {
    const { through } = this.#ends;
    return through !== null && to !== null && to < through - NOTE_MARGIN_MS;
  }

  /** The place of a gap among what is held. */
  #reach(mark: LiveGap): void {
    if (!this.#isVoid(mark)) return this.lost(mark);
    // Nothing is missing in it; the outlet passes its place by.
    if (this.#opened?.state === 'lasting') this.#endGap(mark.to!, askedOf(mark));
  }

  /** Since when a gap may lack ticks: not from before the moment through which all is in the log. */
  #beganAt({ from, to }: LiveGap): number | null {
    const { through } = this.#ends;
    const began = from === null || through === null ? (from ?? through) : Math.max(from, through);
    return began === null || to === null ? began : Math.min(began, to);
  }

  /** Gives nothing more out, fills and tells no more. */
  end(): void {
    this.#over.abort();
    this.#needs.reception.observe(null);
  }

  async give(max: number): Promise<TapeTick[]> {
    if (this.#outlet === null || this.#over.signal.aborted) return [];
    const ticks = await this.#outlet.give(max);
    // What is given out must not be known before the gaps that lie before it.
    this.tellChanges(false);
    return ticks;
  }

  async taken(count: number): Promise<void> {
    await this.#outlet!.taken(count);
    this.tellChanges(false);
  }

  received(tick: TapeTick): void {
    this.#symbols.received(tick);
  }

  lost(mark: LiveGap): void {
    const before = this.#opened;
    const gap = new TapeGap({ ...mark, from: this.#beganAt(mark) }, before);
    before?.followedBy(gap);
    if (before?.state === 'lasting') {
      const over = gap.from ?? this.#needs.clock.now();
      this.#endGap(over, over);
    }
    this.#symbols.open(gap);
    this.#opened = gap;
    this.#outlet!.add(gap);
    this.#told.add(gap);
    if (mark.to !== null) this.#endGap(mark.to, askedOf(mark));
    else this.tellChanges();
  }

  rejoined(to: number, asked: number): void {
    const { shared } = this.#options;
    if (shared !== null && asked < shared.asked) this.#needs.onEarly();
    else this.#endGap(to, asked);
  }

  #endGap(to: number, asked: number): void {
    const gap = this.#opened;
    if (gap?.state !== 'lasting') return;
    gap.rejoined(to, asked);
    this.#filler.add(gap);
    this.tellChanges();
  }

  /** Of symbols with equal payloads around the take-over some may be missing that were left out. */
  #tellUnsure(unsure: readonly string[]): void {
    if (unsure.length === 0) return;
    const { clock, onGap } = this.#needs;
    const { teller } = this.#options;
    const to = clock.now();
    const symbols = Object.fromEntries(
      unsure.map((symbol) => [symbol, { after: this.#ends.symbols.get(symbol)!.lastTs, before: to + CLOCK_SKEW_MS }]),
    );
    onGap({
      id: `${teller.instance}-unsure-${to}`,
      ...teller,
      reason: 'takeover',
      from: this.#ends.through,
      to,
      status: 'open',
      filled: 0,
      symbols,
      unseen: false,
    });
  }

  /** `all`: also what can wait. */
  tellChanges(all = true): void {
    if (this.#outlet === null || this.#over.signal.aborted) return;
    const { clock, onGap, queue, reception } = this.#needs;
    const { teller } = this.#options;
    for (const gap of this.#told) {
      const record = gap.change(teller, clock.now(), { all, over: reception.ended });
      if (record !== null) onGap(record);
      if (!gap.final) continue;
      this.#told.delete(gap);
      reception.forget(gap.id);
    }
    if (!all) return;
    const through = Math.min(reception.through, queue.oldest(true));
    for (const record of this.#covered?.settle(through, teller, clock.now()) ?? []) onGap(record);
  }
}
