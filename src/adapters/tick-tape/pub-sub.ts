import { PulseError } from '../../domain/errors.ts';
import type { GapReason, GapRecord } from '../../domain/gap.ts';
import { symbolOfTopic } from '../../domain/symbol.ts';
import { joinTails, payloadHash, TAIL, TapeTail } from '../../domain/tape-alignment.ts';
import { parseTick } from '../../domain/tick-parser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { LossReason, PubSub } from '../../ports/pub-sub.ts';
import type { Spool } from '../../ports/spool.ts';
import type { TapeResume, TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { backFill, type FilledTick } from './back-fill.ts';
import { TapeGap } from './tape-gap.ts';
import { TapeQueue } from './tape-queue.ts';

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

/** How many payloads after a gap are kept to find where the stream runs into them. */
const HEAD = 512;
/** Filled ticks that may wait to be taken. */
const LANE = 20_000;
/** Ticks of the spool among which every active symbol surely is. */
const SPOOL_TAIL = 50_000;
const FILL_SETTLE_MS = 300;
const FILL_GIVE_UP_MS = 30_000;

/** What is known of a symbol's tape. */
interface SymbolTape {
  readonly name: string;
  tail: TapeTail;
  last: Buffer | null;
  lastTs: number | null;
  receivedAt: number;
  /** The gap since which this symbol has been seen. */
  seen: TapeGap | null;
  /** The gap after which this symbol was given out. */
  given: TapeGap | null;
}

/** The tape of a pub/sub pattern, its gaps filled from the publisher's streams. */
export class PubSubTape implements TickTape {
  readonly #needs: PubSubTapeNeeds;
  readonly #options: PubSubTapeOptions;
  readonly #queue: TapeQueue;
  readonly #symbols = new Map<string, SymbolTape>();
  /** Gaps whose place in the tape was not reached yet, oldest first. */
  readonly #gaps: TapeGap[] = [];
  /** Gaps that may still change. */
  #told: TapeGap[] = [];
  /** The gap since which ticks are received. */
  #current: TapeGap | null = null;
  /** The gap that was passed last in giving out. */
  #passed: TapeGap | null = null;
  #onGap: ((gap: GapRecord) => void) | null = null;
  #subscribed = false;
  #ended = false;
  #lost: { reason: GapReason; from: number | null } | null = null;
  #lastReceivedAt: number | null = null;
  /** A process that stands still receives late: only the server can tell through when it received everything. */
  #caughtUp: number | null = null;
  #seq = 0;
  #gapCount = 0;
  /** Ticks in the queue behind the last gap. */
  #sinceGap = 0;
  /** Which of the ticks given out came from the queue: lengths, alternating queue and lane. */
  readonly #givenFrom: { queue: boolean; count: number }[] = [];
  #wake: (() => void) | null = null;
  /** Rises with all that may give `next` something to give. */
  #news = 0;
  #overflowing = false;
  #signal: AbortSignal = new AbortController().signal;
  #fillFailure: unknown = null;
  #laneSeq = 0;

  constructor(needs: PubSubTapeNeeds, options: PubSubTapeOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#queue = new TapeQueue(needs.spool, options.memoryBytes);
    this.#sinceGap = needs.spool?.size ?? 0;
  }

  get subscribed(): boolean {
    return this.#subscribed;
  }

  get caughtUp(): number | null {
    return this.#caughtUp;
  }

  get filling(): boolean {
    return this.#gaps.length > 0;
  }

  get waiting(): { memory: number; disk: number } {
    return this.#queue.waiting;
  }

  /** Why the spool is out of use; null while it works. */
  get spoolFailure(): unknown {
    return this.#queue.failure;
  }

  async run(resume: TapeResume, onGap: (gap: GapRecord) => void, signal: AbortSignal): Promise<void> {
    const { pubsub, clock } = this.#needs;
    this.#onGap = onGap;
    this.#signal = signal;
    this.#lost = { reason: resume.from === null || resume.clean ? 'start' : 'crash', from: resume.from };
    for (const [name, end] of resume.ends) {
      const symbol = this.#symbol(name);
      symbol.tail = new TapeTail(end.hashes);
      symbol.receivedAt = end.receivedAt;
      symbol.lastTs = end.lastTs;
    }
    this.#readSpool();
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
    this.#subscribed = false;
    this.#tellChanges();
    this.#notify();
  }

  /** What waits on disk came after what an earlier run took: the tails end with it. */
  #readSpool(): void {
    const waiting = new Map<string, number[]>();
    for (const { channel, payload, receivedAt } of this.#needs.spool?.newest(SPOOL_TAIL) ?? []) {
      const name = symbolOfTopic(channel);
      if (name === null) continue;
      const hashes = waiting.get(name) ?? [];
      waiting.set(name, hashes);
      hashes.push(payloadHash(payload));
      Object.assign(this.#symbol(name), { last: payload, receivedAt });
    }
    for (const [name, hashes] of waiting) {
      const symbol = this.#symbol(name);
      symbol.tail = new TapeTail(joinTails(symbol.tail.hashes(), hashes));
    }
  }

  async next(max: number): Promise<TapeTick[]> {
    for (;;) {
      const news = this.#news;
      const ticks = await this.#give(max);
      if (ticks.length > 0) return ticks;
      if (this.#ended && this.#gaps.length === 0 && this.#sinceGap === 0) return [];
      if (this.#news !== news) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async taken(count: number): Promise<void> {
    let left = count;
    let queued = 0;
    for (let first = this.#givenFrom[0]; left > 0 && first !== undefined; first = this.#givenFrom[0]) {
      const part = Math.min(left, first.count);
      first.count -= part;
      left -= part;
      if (first.queue) queued += part;
      if (first.count === 0) this.#givenFrom.shift();
    }
    if (queued > 0) await this.#queue.taken(queued);
  }

  async park(): Promise<boolean> {
    return this.#queue.park();
  }

  #message(channel: string, payload: Buffer): void {
    const receivedAt = this.#needs.clock.now();
    const name = symbolOfTopic(channel);
    const hash = payloadHash(payload);
    this.#seq += 1;
    const tick: TapeTick = {
      channel,
      symbol: name,
      payload,
      hash,
      receivedAt,
      instance: this.#options.instance,
      seq: this.#seq,
      joinedAt: null,
    };
    if (this.#overflowing && !this.#recovered()) return;
    if (!this.#queue.push(tick)) {
      this.#overflowing = true;
      this.#loses('overflow');
      return;
    }
    this.#sinceGap += 1;
    this.#lastReceivedAt = receivedAt;
    if (name !== null) this.#note(name, payload, hash, receivedAt);
    this.#notify();
  }

  /** After an overflow, whether there is room again; then reception begins anew. */
  #recovered(): boolean {
    if (!this.#queue.hasRoom) return false;
    this.#overflowing = false;
    this.#joined();
    return true;
  }

  #note(name: string, payload: Buffer, hash: number, receivedAt: number): void {
    const symbol = this.#symbol(name);
    symbol.tail.push(hash);
    symbol.last = payload;
    symbol.receivedAt = receivedAt;
    const gap = this.#current;
    if (gap === null) return;
    if (symbol.seen !== gap) {
      const isNew = symbol.seen === null && !gap.tails.has(name);
      symbol.seen = gap;
      const ts = this.#eventTime(name, payload);
      for (const told of this.#told) told.firstSince(name, ts, receivedAt, isNew);
    }
    if (!gap.done) {
      const head = gap.heads.get(name);
      if (head === undefined) gap.heads.set(name, [hash]);
      else if (head.length < HEAD) head.push(hash);
    }
  }

  #symbol(name: string): SymbolTape {
    let symbol = this.#symbols.get(name);
    if (symbol === undefined) {
      symbol = { name, tail: new TapeTail(), last: null, lastTs: null, receivedAt: 0, seen: null, given: null };
      this.#symbols.set(name, symbol);
    }
    return symbol;
  }

  #loses(reason: LossReason): void {
    this.#subscribed = false;
    // A loss during a loss changes nothing: the gap goes on.
    this.#lost ??= { reason, from: this.#caughtUp ?? this.#lastReceivedAt ?? this.#current?.to ?? null };
  }

  #joined(): void {
    // Until there is room again, being subscribed is of no use: the gap goes on.
    if (this.#overflowing) return;
    const to = this.#needs.clock.now();
    const { reason, from } = this.#lost ?? { reason: 'disconnect' as const, from: to };
    this.#lost = null;
    this.#subscribed = true;
    this.#gapCount += 1;
    const gap = new TapeGap(`${this.#options.instance}-${this.#gapCount}`, reason, from, to, this.#sinceGap);
    this.#sinceGap = 0;
    for (const symbol of this.#symbols.values()) {
      gap.tails.set(symbol.name, { hashes: symbol.tail.hashes().slice(-TAIL), receivedAt: symbol.receivedAt });
      gap.bounds.set(symbol.name, { after: this.#eventTime(symbol.name, symbol.last) ?? symbol.lastTs, before: null });
    }
    this.#current = gap;
    this.#gaps.push(gap);
    this.#told.push(gap);
    this.#tellChanges();
    void this.#fill(gap);
  }

  async #fill(gap: TapeGap): Promise<void> {
    const { streams, clock } = this.#needs;
    const { streamPrefix: prefix, fillMarginMs: marginMs } = this.#options;
    const options = { prefix, marginMs, settleMs: FILL_SETTLE_MS };
    const give = (ticks: readonly FilledTick[]): Promise<void> => this.#take(gap, ticks);
    while (streams !== null && !this.#signal.aborted) {
      try {
        for (const name of await backFill(streams, gap, clock, options, give, this.#signal)) {
          gap.whole.add(name);
          gap.bounds.delete(name);
        }
        break;
      } catch (error) {
        // What was given stands: a second reading would double it, so the gap stays open.
        if (!(error instanceof PulseError && error.retry) || gap.filled > 0 || clock.now() - gap.to > FILL_GIVE_UP_MS) {
          this.#fillFailure = error;
          break;
        }
        await clock.sleep(500, this.#signal);
      }
    }
    for (const [name, end] of gap.fills) this.#mend(name, gap, end);
    gap.done = true;
    gap.changed = true;
    this.#tellChanges();
    this.#notify();
  }

  /** Puts what was filled in into its place in the symbol's tail, where the tail still reaches back to it. */
  #mend(name: string, gap: TapeGap, end: TapeTail): void {
    const since = gap.heads.get(name) ?? [];
    if (since.length >= TAIL || this.#current !== gap) return;
    const symbol = this.#symbol(name);
    symbol.tail = new TapeTail([...(gap.tails.get(name)?.hashes ?? []), ...end.hashes(), ...since]);
  }

  /** Why the last back-fill failed; null when it did not. */
  get fillFailure(): unknown {
    return this.#fillFailure;
  }

  async #take(gap: TapeGap, ticks: readonly FilledTick[]): Promise<void> {
    for (const tick of ticks) gap.fill(tick);
    this.#notify();
    while (gap.lane.length > LANE && !this.#signal.aborted) await this.#needs.clock.sleep(5, this.#signal);
  }

  /** The next ticks in order: what was received before a gap, what fills it, what came since. */
  async #give(max: number): Promise<TapeTick[]> {
    const gap = this.#gaps[0];
    if (gap === undefined || gap.before > 0) {
      const room = gap === undefined ? max : Math.min(max, gap.before);
      if (gap === undefined && this.#sinceGap === 0) return [];
      const ticks = await this.#queue.give(room);
      if (gap === undefined) this.#sinceGap -= ticks.length;
      else gap.before -= ticks.length;
      if (ticks.length > 0) this.#givenFrom.push({ queue: true, count: ticks.length });
      return this.#passed === null ? ticks : ticks.map((tick) => this.#mark(tick));
    }
    if (gap.lane.length > 0) return this.#giveFilled(gap, max);
    if (!gap.done) return [];
    this.#gaps.shift();
    this.#passed = gap;
    return this.#give(max);
  }

  #giveFilled(gap: TapeGap, max: number): TapeTick[] {
    const filled = gap.lane.splice(0, max).map(
      ({ symbol, payload, hash }, i): TapeTick => ({
        channel: `ticks.${symbol}`,
        symbol,
        payload,
        hash,
        receivedAt: this.#needs.clock.now(),
        instance: gap.id,
        seq: this.#laneSeq + i + 1,
        joinedAt: null,
      }),
    );
    this.#laneSeq += filled.length;
    this.#givenFrom.push({ queue: false, count: filled.length });
    return filled;
  }

  /** Tells the first tick of a symbol after a gap that stayed open. */
  #mark(tick: TapeTick): TapeTick {
    const gap = this.#passed;
    if (tick.symbol === null || gap === null) return tick;
    const symbol = this.#symbol(tick.symbol);
    if (symbol.given === gap) return tick;
    symbol.given = gap;
    return gap.whole.has(tick.symbol) ? tick : { ...tick, joinedAt: gap.to };
  }

  #eventTime(symbol: string, payload: Buffer | null): number | null {
    if (payload === null) return null;
    const parsed = parseTick(payload, { symbol, receivedAt: null }, { allowNonPositive: true });
    return 'tick' in parsed ? parsed.tick.ts : null;
  }

  #tellChanges(): void {
    const { service, instance, pattern } = this.#options;
    for (const gap of this.#told) {
      if (!gap.changed) continue;
      gap.changed = false;
      this.#onGap?.(gap.record({ service, instance, pattern }));
    }
    this.#told = this.#told.filter((gap) => !gap.final);
  }

  #notify(): void {
    this.#news += 1;
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
