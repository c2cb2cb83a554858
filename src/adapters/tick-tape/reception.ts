import { StateMachine } from '../../domain/base/state-machine.ts';
import { payloadHash } from '../../domain/tape/tape-alignment.ts';
import { symbolOfTopic } from '../../domain/tick/symbol.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LossReason, PubSub } from '../../ports/pub-sub.ts';
import type { SpooledGap } from '../../ports/spool.ts';
import type { StreamBegin, TapeNote, TapeTick } from '../../ports/tick-tape.ts';
import type { TapeQueue } from './tape-queue.ts';

/**
 * `idle`: not begun. `joining`: not subscribed yet in this run. `receiving`: every message arrives. `lost`: the subscription is gone.
 * `full`: subscribed, with no room to keep what arrives. `ended`: no more is received.
 */
type ReceptionState = 'idle' | 'joining' | 'receiving' | 'lost' | 'full' | 'ended';

/** Clocks that tell whole milliseconds differ by less for no reason. */
const SET_MS = 5;

/** A gap as the queue has it; what is not on disk yet may still change. */
export type LiveGap = { -readonly [K in keyof SpooledGap]: SpooledGap[K] };

/** Told of what happens to the reception, at once. */
export interface ReceptionObserver {
  received(tick: TapeTick): void;
  /** A gap begins; its place stands in the queue. */
  lost(gap: LiveGap): void;
  /** Everything is received again since `to`, and nothing that was published before `asked` (epoch milliseconds). */
  rejoined(to: number, asked: number): void;
}

export interface ReceptionNeeds {
  readonly pubsub: PubSub;
  readonly queue: TapeQueue;
  readonly clock: Clock;
  /** Where the stream of ticks begins, as far as known. */
  readonly begin: () => StreamBegin | null;
  /** Called when there may be more to give out. */
  readonly onNews: () => void;
}

/** Receives a pattern into a queue, and puts the places of gaps there. */
export class Reception {
  readonly #needs: ReceptionNeeds;
  readonly #instance: string;
  readonly #state = new StateMachine<ReceptionState>('the reception', 'idle', {
    idle: ['joining'],
    joining: ['receiving', 'full', 'ended'],
    receiving: ['lost', 'full', 'ended'],
    lost: ['receiving', 'full', 'ended'],
    full: ['receiving', 'lost', 'ended'],
    ended: [],
  });
  /** Gaps of this run, by id, for as long as they may differ from what is on disk. */
  readonly #gaps = new Map<string, LiveGap>();
  #newest: LiveGap | null = null;
  #observer: ReceptionObserver | null = null;
  /**
   * Through when it received everything, which only the server can tell: a process that stands still receives late. Monotonic milliseconds,
   * for the clock may be set while it waits; null: the server tells of nothing, and delivers at once.
   */
  #caughtUp: number | null = null;
  /** Clock minus monotonic clock (milliseconds), as of the last look. */
  #lastOffset = Number.NEGATIVE_INFINITY;
  #lastReceivedAt: number | null = null;
  #seq = 0;
  #gapCount = 0;
  /** `moment`: monotonic milliseconds. */
  #waiting: { readonly moment: number; readonly resolve: () => void }[] = [];

  constructor(needs: ReceptionNeeds, instance: string) {
    this.#needs = needs;
    this.#instance = instance;
  }

  get receiving(): boolean {
    return this.#state.is('receiving');
  }

  get ended(): boolean {
    return this.#state.is('ended');
  }

  /** Everything published before this moment (epoch milliseconds) was received, or lies in a gap. -Infinity where that is not known of any. */
  get through(): number {
    if (!this.#receives) return this.#newest?.from ?? Number.NEGATIVE_INFINITY;
    return this.#provenAt(this.#needs.clock.now());
  }

  /** Everything published before this moment had been received at `now`; both in epoch milliseconds. */
  #provenAt(now: number): number {
    return Math.min(now, this.#provenThrough ?? now);
  }

  /** Everything published before this moment was received (epoch milliseconds, as the clock stands now). */
  get #provenThrough(): number | null {
    // Whole milliseconds went in; what a difference of large numbers loses is less than that.
    return this.#caughtUp === null ? null : Math.floor(this.#caughtUp + this.#offset + 0.01);
  }

  /** Clock minus monotonic clock (milliseconds): the same for as long as the clock is not set. */
  get #offset(): number {
    const { clock } = this.#needs;
    const offset = clock.now() - clock.monotonic();
    if (Math.abs(offset - this.#lastOffset) >= SET_MS) this.#lastOffset = offset;
    return this.#lastOffset;
  }

  get #receives(): boolean {
    return this.#newest !== null && this.#newest.to !== null;
  }

  /** Tells this one from now on what happens; null: nobody. */
  observe(observer: ReceptionObserver | null): void {
    this.#observer = observer;
  }

  /** A gap of the queue, as it is known now. */
  current(gap: SpooledGap): LiveGap {
    return this.#gaps.get(gap.id) ?? gap;
  }

  /** Subscribes; resolves when `signal` aborts. `unended`: the gap in which the last run ended, where nothing was received any more: it goes on. */
  async run(pattern: string, note: TapeNote, unended: SpooledGap | null, signal: AbortSignal): Promise<void> {
    this.#state.to('joining');
    if (unended !== null) this.#goOn({ ...unended });
    else this.#open(note.through === null || note.clean ? 'start' : 'crash', note.through);
    await this.#needs.pubsub.subscribe(
      pattern,
      {
        takesMore: (waiting) => this.#needs.queue.takesMore(waiting),
        message: (channel, payload, arrivedAt) => this.#message(channel, payload, arrivedAt),
        joined: (asked) => this.#joined(asked),
        lost: (reason) => this.#loses(reason, 'lost'),
        caughtUp: (since) => this.#isCaughtUp(since),
      },
      signal,
    );
    this.#state.to('ended');
    this.#release(Number.POSITIVE_INFINITY);
  }

  /** Whether a subscription is on its way: nothing is received yet, or no more. */
  get joins(): boolean {
    return this.#state.is('joining', 'lost');
  }

  /** Whether something may yet be received, under the subscription that stands, that was published before `moment` (epoch milliseconds). */
  expects(moment: number): boolean {
    return this.#state.is('receiving') && (this.#provenThrough ?? moment) < moment;
  }

  /** Resolves once everything has been received that was published before `moment` (epoch milliseconds), or nothing is received any more. */
  receivedThrough(moment: number, signal: AbortSignal): Promise<void> {
    if (!this.expects(moment) || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ moment: moment - this.#offset, resolve });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #release(moment: number): void {
    const due = this.#waiting.filter((each) => each.moment <= moment);
    this.#waiting = this.#waiting.filter((each) => each.moment > moment);
    for (const { resolve } of due) resolve();
  }

  #isCaughtUp(since: number): void {
    // Where the clock was set since the last time, nobody knows by which of the two it was asked.
    const last = this.#lastOffset;
    this.#caughtUp = since - Math.max(last, this.#offset);
    this.#release(this.#caughtUp);
    // No message may come for long.
    if (this.#state.is('full')) this.#hasRoomAgain();
  }

  #message(channel: string, payload: Buffer, arrivedAt: number | null = null): void {
    const { clock, queue, onNews } = this.#needs;
    const receivedAt = arrivedAt ?? clock.now();
    this.#seq += 1;
    if (this.#state.is('full') && !this.#hasRoomAgain()) return;
    const tick: TapeTick = {
      channel,
      symbol: symbolOfTopic(channel),
      payload,
      hash: payloadHash(payload),
      receivedAt,
      since: this.#provenAt(receivedAt),
      instance: this.#instance,
      seq: this.#seq,
      joinedAt: null,
    };
    if (!queue.push(tick)) return this.#loses('full', 'full');
    this.#lastReceivedAt = receivedAt;
    this.#observer?.received(tick);
    onNews();
  }

  /** Whether there is room again; then reception begins anew. */
  #hasRoomAgain(): boolean {
    this.#joined();
    return this.#state.is('receiving');
  }

  #joined(asked: number | null = null): void {
    // Until there is room again, being subscribed is of no use: the gap goes on.
    if (this.#state.is('full') && !this.#needs.queue.hasRoom()) return;
    // A subscription that is made anew without a word has lost what came in between.
    if (this.#state.is('receiving')) this.#loses('disconnect', 'lost');
    this.#state.to('receiving');
    const gap = this.#newest!;
    gap.to = this.#needs.clock.now();
    // After want of room: what waited for it was published before.
    gap.asked = asked ?? this.#provenAt(gap.to);
    this.#observer?.rejoined(gap.to, gap.asked);
    this.#needs.onNews();
  }

  #loses(reason: LossReason | 'full', state: 'lost' | 'full'): void {
    const lasting = !this.#state.is('receiving');
    if (!this.#state.is('joining', state)) this.#state.to(state);
    this.#release(Number.POSITIVE_INFINITY);
    // A loss during a loss changes nothing: the gap goes on.
    if (!lasting) this.#open(reason, this.#provenThrough ?? this.#lastReceivedAt ?? this.#newest?.to ?? null);
  }

  #open(reason: SpooledGap['reason'], from: number | null): void {
    this.#gapCount += 1;
    const begin = this.#needs.begin();
    const known = from !== null && begin !== null && begin.seenAt <= from ? begin.id : null;
    const gap = { id: `${this.#instance}-${this.#gapCount}`, reason, from, to: null, begin: known };
    this.#goOn(gap);
    this.#needs.queue.mark({ gap });
    this.#observer?.lost(gap);
    this.#needs.onNews();
  }

  #goOn(gap: LiveGap): void {
    this.#newest = gap;
    this.#gaps.set(gap.id, gap);
  }

  /** A gap that was passed is no longer kept. */
  forget(id: string): void {
    if (this.#newest?.id !== id) this.#gaps.delete(id);
  }
}
