import { PulseError } from '../../domain/errors.ts';
import type { GapRecord } from '../../domain/gap.ts';
import { symbolOfTopic, tickTopic } from '../../domain/symbol.ts';
import { payloadHash } from '../../domain/tape-alignment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { LossReason, PubSub } from '../../ports/pub-sub.ts';
import type { Spool, SpooledGap } from '../../ports/spool.ts';
import type { TapeEnd, TapeResume, TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { backFill, type FilledTick, type GapContext } from './back-fill.ts';
import { TapeGap } from './tape-gap.ts';
import { isMark, TapeQueue } from './tape-queue.ts';
import { TapeSymbols } from './tape-symbols.ts';

export interface PubSubTapeNeeds {
  readonly pubsub: PubSub;
  /** Where the publisher also writes streams; null: gaps stay open. */
  readonly streams: EntryStream | null;
  /** Null: what does not fit into memory is a gap. */
  readonly spool: Spool | null;
  readonly clock: Clock;
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

/** Filled ticks that may wait to be taken. */
const LANE = 20_000;
/** Ticks of the spool among which every active symbol surely is. */
const SPOOL_TAIL = 50_000;
const FILL_SETTLE_MS = 300;
const FILL_GIVE_UP_MS = 30_000;

/** Some of the ticks given out: from the queue, or filled in; or the place of a gap that they end with. */
type Given = { readonly queue: boolean; count: number } | { readonly gap: TapeGap };

/** A gap as the queue has it; what is not on disk yet may still change. */
type Mark = { -readonly [K in keyof SpooledGap]: SpooledGap[K] };

/**
 * The tape of a pub/sub pattern, its gaps filled from the publisher's streams. What is received, and where gaps lie in it, goes through
 * one queue. A gap's place leaves it only when all that fills it was taken: whatever happens before, the next run finds it again.
 */
export class PubSubTape implements TickTape {
  readonly #needs: PubSubTapeNeeds;
  readonly #options: PubSubTapeOptions;
  readonly #queue: TapeQueue;
  readonly #symbols: TapeSymbols;
  /** Gaps that were not passed yet. */
  readonly #gaps = new Map<string, TapeGap>();
  /** Gaps that may still change. */
  readonly #told = new Set<TapeGap>();
  /** The newest gap, as the queue has it; its `to` is null while nothing is received. */
  #newest: Mark | null = null;
  /** Gaps of this run, until it is known where the last run ended. */
  readonly #early = new Map<string, Mark>();
  /** The gap that was opened last. */
  #opened: TapeGap | null = null;
  /** The gap whose place was reached in giving out. */
  #at: TapeGap | null = null;
  /** The gap that was passed last. */
  #passed: TapeGap | null = null;
  #onGap: ((gap: GapRecord) => void) | null = null;
  /** Whether it is known where the last run ended. */
  #aligned = false;
  #ended = false;
  readonly #abandoned = new AbortController();
  #lastReceivedAt: number | null = null;
  /** A process that stands still receives late: only the server can tell through when it received everything. */
  #caughtUp: number | null = null;
  #seq = 0;
  #gapCount = 0;
  #laneSeq = 0;
  readonly #given: Given[] = [];
  #wake: (() => void) | null = null;
  /** Rises with all that may give `next` something to give. */
  #news = 0;
  #overflowing = false;
  #fillFailure: unknown = null;
  /** Gaps are filled one after the other: where one ends the next goes on. */
  #filling: Promise<void> = Promise.resolve();

  constructor(needs: PubSubTapeNeeds, options: PubSubTapeOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#queue = new TapeQueue(needs.spool, options.memoryBytes, needs.clock);
    this.#symbols = new TapeSymbols(this.#told);
  }

  get subscribed(): boolean {
    return !this.#ended && this.#newest !== null && this.#newest.to !== null;
  }

  through(disk: boolean): number | null {
    const now = this.#needs.clock.now();
    const lost = this.#newest === null || this.#newest.to === null;
    const received = lost ? (this.#newest?.from ?? Number.NEGATIVE_INFINITY) : Math.min(now, this.#caughtUp ?? now);
    const through = Math.min(received, this.#queue.oldest(disk));
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
    return this.#fillFailure;
  }

  async run(resume: TapeResume, onGap: (gap: GapRecord) => void, signal: AbortSignal): Promise<void> {
    const { pubsub, clock } = this.#needs;
    this.#onGap = onGap;
    const unended = this.#unended();
    if (unended !== null) {
      this.#newest = { ...unended };
      this.#early.set(unended.id, this.#newest);
    } else this.#lose(resume.from === null || resume.clean ? 'start' : 'crash', resume.from);
    const start = this.#newest!;
    void resume.ends.then((ends) => (ends === null ? this.#abandon() : this.#align(start, ends)));
    clock.every(500, () => this.#tellChanges(), signal);
    await pubsub.subscribe(
      this.#options.pattern,
      {
        message: (channel, payload) => this.#message(channel, payload),
        joined: () => this.#joined(),
        lost: (reason) => this.#loses(reason),
        caughtUp: (since) => {
          this.#caughtUp = since;
        },
      },
      signal,
    );
    this.#ended = true;
    this.#tellChanges();
    this.#notify();
  }

  /** The gap in which the last run ended, where nothing was received any more: it goes on. */
  #unended(): SpooledGap | null {
    const { spool } = this.#needs;
    const last = spool?.read(spool.size - 1, 1)[0];
    return last !== undefined && isMark(last) && last.gap.to === null ? last.gap : null;
  }

  /** Now it is known where the last run ended: goes through what waits already, that of the last run included. */
  async #align(start: Mark, ends: ReadonlyMap<string, TapeEnd>): Promise<void> {
    // Without a note (another machine, a new disk) the tape's own end tells until when ticks came.
    if (start.from === null && ends.size > 0) {
      start.from = Math.max(...[...ends.values()].map(({ receivedAt }) => receivedAt));
      start.reason = 'crash';
    }
    this.#symbols.begin(ends);
    const { spool } = this.#needs;
    const from = (spool?.firstMark ?? spool?.size ?? 0) - SPOOL_TAIL;
    await this.#queue.show(
      Math.max(0, from),
      (item) => {
        if (isMark(item)) this.#open(this.#early.get(item.gap.id) ?? item.gap);
        else if (!this.#symbols.knows(item)) {
          if (this.#opened?.to === null) this.#close(this.#opened, item.receivedAt);
          this.#symbols.received(item);
        }
      },
      () => {
        this.#aligned = true;
      },
    );
    this.#early.clear();
    this.#tellChanges();
    this.#notify();
  }

  /** Gives out and fills no more. */
  #abandon(): void {
    this.#abandoned.abort();
    this.#notify();
  }

  async next(max: number): Promise<TapeTick[]> {
    for (;;) {
      const news = this.#news;
      const ticks = this.#aligned ? await this.#give(max) : [];
      // What is given out must not be known before the gaps that lie before it.
      this.#tellChanges();
      if (ticks.length > 0) return ticks;
      if (this.#abandoned.signal.aborted || this.#over) return [];
      if (this.#news !== news) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Whether nothing more will come: a gap that lasts to the end is for the next run to fill. */
  get #over(): boolean {
    if (!this.#ended || !this.#aligned) return false;
    return this.#at === null ? this.#queue.exhausted : this.#at.to === null;
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
    if (queued > 0) await this.#queue.taken(queued);
    this.#tellChanges();
  }

  /** Tells gaps that all ticks before have been taken; how many. */
  #delivered(): number {
    let count = 0;
    for (let first = this.#given[0]; first !== undefined && 'gap' in first; first = this.#given[0]) {
      this.#given.shift();
      first.gap.delivered = true;
      first.gap.changed = true;
      count += 1;
    }
    return count;
  }

  async park(): Promise<boolean> {
    this.#abandon();
    return this.#queue.park();
  }

  #message(channel: string, payload: Buffer): void {
    const receivedAt = this.#needs.clock.now();
    this.#seq += 1;
    if (this.#overflowing && !this.#recovered()) return;
    const tick: TapeTick = {
      channel,
      symbol: symbolOfTopic(channel),
      payload,
      hash: payloadHash(payload),
      receivedAt,
      instance: this.#options.instance,
      seq: this.#seq,
      joinedAt: null,
    };
    if (!this.#queue.push(tick)) {
      this.#overflowing = true;
      this.#loses('overflow');
      return;
    }
    this.#lastReceivedAt = receivedAt;
    if (this.#aligned) this.#symbols.received(tick);
    this.#notify();
  }

  /** After an overflow, whether there is room again; then reception begins anew. */
  #recovered(): boolean {
    if (!this.#queue.hasRoom()) return false;
    this.#overflowing = false;
    this.#joined();
    return true;
  }

  #loses(reason: LossReason): void {
    // A loss during a loss changes nothing: the gap goes on.
    if (this.#newest !== null && this.#newest.to === null) return;
    this.#lose(reason, this.#caughtUp ?? this.#lastReceivedAt ?? this.#newest?.to ?? null);
  }

  #lose(reason: SpooledGap['reason'], from: number | null): void {
    this.#gapCount += 1;
    this.#newest = { id: `${this.#options.instance}-${this.#gapCount}`, reason, from, to: null };
    this.#queue.mark({ gap: this.#newest });
    if (this.#aligned) this.#open(this.#newest);
    else this.#early.set(this.#newest.id, this.#newest);
    this.#tellChanges();
    this.#notify();
  }

  #joined(): void {
    // Until there is room again, being subscribed is of no use: the gap goes on.
    if (this.#overflowing) return;
    if (this.#newest?.to !== null) this.#loses('disconnect');
    const gap = this.#newest!;
    gap.to = this.#needs.clock.now();
    if (this.#aligned && this.#opened !== null) this.#close(this.#opened, gap.to);
    this.#tellChanges();
  }

  #open(mark: SpooledGap): void {
    const before = this.#opened;
    const gap = new TapeGap(mark, before);
    if (before !== null) before.until = gap.from;
    if (before?.to === null) this.#close(before, gap.from ?? this.#needs.clock.now());
    this.#symbols.open(gap);
    this.#opened = gap;
    this.#gaps.set(gap.id, gap);
    this.#told.add(gap);
    if (gap.to !== null) this.#close(gap, gap.to);
  }

  /** From now on everything is received again. */
  #close(gap: TapeGap, to: number): void {
    gap.to = to;
    gap.changed = true;
    this.#filling = this.#filling.then(() => this.#fill(gap, gap.context(to)));
  }

  async #fill(gap: TapeGap, context: GapContext): Promise<void> {
    const { streams, clock } = this.#needs;
    const { streamPrefix: prefix, fillMarginMs: marginMs } = this.#options;
    const { signal } = this.#abandoned;
    const options = { prefix, marginMs, settleMs: FILL_SETTLE_MS };
    const give = (ticks: readonly FilledTick[]): Promise<void> => this.#take(gap, ticks);
    const begun = clock.now();
    while (streams !== null && !signal.aborted) {
      try {
        for (const name of await backFill(streams, context, clock, options, give, signal)) gap.whole.add(name);
        break;
      } catch (error) {
        // What was given stands: a second reading would double it, so the gap stays open.
        if (!(error instanceof PulseError && error.retry) || gap.filled > 0 || clock.now() - begun > FILL_GIVE_UP_MS) {
          this.#fillFailure = error;
          break;
        }
        await clock.sleep(500, signal);
      }
    }
    // One that was not filled to its end is filled by the next run.
    if (signal.aborted) return;
    gap.done = true;
    this.#notify();
  }

  async #take(gap: TapeGap, ticks: readonly FilledTick[]): Promise<void> {
    for (const tick of ticks) {
      gap.fill(tick);
      this.#symbols.filled(tick, gap);
    }
    this.#notify();
    while (gap.lane.length > LANE && !this.#abandoned.signal.aborted)
      await this.#needs.clock.sleep(5, this.#abandoned.signal);
  }

  /** The next ticks in order: what was received before a gap, what fills it, what came since. */
  async #give(max: number): Promise<TapeTick[]> {
    for (;;) {
      const gap = this.#at;
      if (gap === null) {
        const items = await this.#queue.give(max);
        const [first] = items;
        if (first === undefined) return [];
        if (!isMark(first)) return this.#giveReceived(items as TapeTick[]);
        this.#at = this.#gaps.get(first.gap.id)!;
      } else if (gap.lane.length > 0) return this.#giveFilled(gap, max);
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

  #giveReceived(ticks: TapeTick[]): TapeTick[] {
    this.#given.push({ queue: true, count: ticks.length });
    const passed = this.#passed;
    return passed === null ? ticks : ticks.map((tick) => this.#symbols.marked(tick, passed));
  }

  #giveFilled(gap: TapeGap, max: number): TapeTick[] {
    const receivedAt = this.#needs.clock.now();
    const filled = gap.lane.splice(0, max).map(({ symbol, payload, hash }): TapeTick => {
      this.#laneSeq += 1;
      return {
        channel: tickTopic(symbol),
        symbol,
        payload,
        hash,
        receivedAt,
        instance: `${this.#options.instance}-fill`,
        seq: this.#laneSeq,
        joinedAt: null,
      };
    });
    this.#given.push({ queue: false, count: filled.length });
    return filled;
  }

  #tellChanges(): void {
    if (!this.#aligned) return;
    const { service, instance, pattern } = this.#options;
    for (const gap of this.#told) {
      if (gap.changed) {
        gap.changed = false;
        this.#onGap?.(gap.record({ service, instance, pattern }, this.#needs.clock.now()));
      }
      if (gap.final) this.#told.delete(gap);
    }
  }

  #notify(): void {
    this.#news += 1;
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
