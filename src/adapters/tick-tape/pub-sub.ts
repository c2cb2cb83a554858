import type { GapRecord } from '../../domain/gap.ts';
import { symbolOfTopic } from '../../domain/symbol.ts';
import { payloadHash } from '../../domain/tape-alignment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { LossReason, PubSub } from '../../ports/pub-sub.ts';
import type { Spool, SpooledGap } from '../../ports/spool.ts';
import type { TapeEnd, TapeResume, TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { TapeFiller } from './tape-filler.ts';
import { TapeGap } from './tape-gap.ts';
import { TapeOutlet } from './tape-outlet.ts';
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

/** Ticks of the spool among which every active symbol surely is. */
const SPOOL_TAIL = 50_000;

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
  readonly #filler: TapeFiller;
  readonly #outlet: TapeOutlet;
  /** Gaps that may still change. */
  readonly #told = new Set<TapeGap>();
  /** The newest gap, as the queue has it; its `to` is null while nothing is received. */
  #newest: Mark | null = null;
  /** Gaps of this run, until it is known where the last run ended. */
  readonly #early = new Map<string, Mark>();
  /** The gap that was opened last. */
  #opened: TapeGap | null = null;
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
  #wake: (() => void) | null = null;
  /** Rises with all that may give `next` something to give. */
  #news = 0;
  #overflowing = false;
  constructor(needs: PubSubTapeNeeds, options: PubSubTapeOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#queue = new TapeQueue(needs.spool, options.memoryBytes, needs.clock);
    this.#symbols = new TapeSymbols(this.#told);
    this.#outlet = new TapeOutlet(this.#queue, this.#symbols, needs.clock, `${options.instance}-fill`);
    this.#filler = new TapeFiller(
      {
        streams: needs.streams,
        clock: needs.clock,
        onFilled: (tick, gap) => this.#symbols.filled(tick, gap),
        onNews: () => this.#notify(),
      },
      { prefix: options.streamPrefix, marginMs: options.fillMarginMs },
      this.#abandoned.signal,
    );
  }

  get subscribed(): boolean {
    return !this.#ended && this.#newest !== null && this.#newest.to !== null;
  }

  through(disk: boolean): number | null {
    const now = this.#needs.clock.now();
    const lost = this.#newest === null || this.#newest.to === null;
    const received = lost ? (this.#newest?.from ?? Number.NEGATIVE_INFINITY) : Math.min(now, this.#caughtUp ?? now);
    const through = Math.min(received, this.#queue.oldest(!disk));
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
    return this.#filler.failure;
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
    const aligned = resume.ends.then((ends) => (ends === null ? this.#abandon() : this.#align(start, ends)));
    clock.every(500, () => this.#tellChanges(), signal);
    const received = pubsub.subscribe(
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
    const over = received.then(() => {
      this.#ended = true;
      this.#tellChanges();
      this.#notify();
    });
    await Promise.all([over, aligned]);
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
      const ticks = this.#aligned ? await this.#outlet.give(max) : [];
      // What is given out must not be known before the gaps that lie before it.
      this.#tellChanges(false);
      if (ticks.length > 0) return ticks;
      if (this.#abandoned.signal.aborted || (this.#ended && this.#aligned && this.#outlet.over)) return [];
      if (this.#news !== news) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async taken(count: number): Promise<void> {
    await this.#outlet.taken(count);
    this.#tellChanges(false);
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
    this.#outlet.add(gap);
    this.#told.add(gap);
    if (gap.to !== null) this.#close(gap, gap.to);
  }

  /** From now on everything is received again. */
  #close(gap: TapeGap, to: number): void {
    gap.to = to;
    gap.changed = true;
    this.#filler.add(gap, to);
  }

  #tellChanges(all = true): void {
    if (!this.#aligned) return;
    const { service, instance, pattern } = this.#options;
    for (const gap of this.#told) {
      // Before a run has received anything, its first gap has nothing to tell yet.
      if (!(all ? gap.changed : gap.pressing) || (gap.beginning && !this.#ended)) continue;
      gap.changed = false;
      gap.pressing = false;
      this.#onGap?.(gap.record({ service, instance, pattern }, this.#needs.clock.now()));
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
