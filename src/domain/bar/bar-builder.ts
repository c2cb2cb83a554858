import { MINUTE, minuteOf, type Timeframe } from '../base/timeframe.ts';
import type { TickFields } from '../tick/tick.ts';
import type { Bar } from './bar.ts';
import type { BarOptions } from './bar-options.ts';
import { Composite, type CompositeState } from './composite.ts';
import { Minute, type MinuteState } from './minute.ts';

/** A tick received within this long of its own time is live: wall clock and event time can be compared. */
const LIVE_MS = 60_000;
/** How many empty minutes a silence may give at once: a year of them. Longer silences get no bars. */
const MAX_EMPTY = 525_600;

/** All that a builder knows, as plain values that JSON keeps exactly. */
export interface BuilderState {
  readonly watermark: number | null;
  readonly minutes: readonly MinuteState[];
  readonly lastClose: number | null;
  /** Start of the last minute that is left out. */
  readonly skip: number | null;
  readonly join: { readonly at: number | null } | null;
  /** Minutes that start before were not seen whole; absent in what older versions wrote. */
  readonly wholeFrom?: number | null;
  readonly composites: Readonly<Partial<Record<Timeframe, readonly CompositeState[]>>>;
}

/**
 * Builds the bars of one symbol. Pure: what it gives out depends only on its ticks, their order and the calls of `idle`;
 * and the settled bars (values, `n`, `digest`) do not depend on `idle` either.
 *
 * Time is event time. The watermark is the greatest `ts` so far: a minute closes when the watermark passes its end by the grace,
 * takes late ticks as corrections until it has passed by the correction window more, and is then settled.
 */
export class BarBuilder {
  readonly #symbol: string;
  readonly #options: BarOptions;
  readonly #partition: number | null;
  readonly #composites: readonly [Timeframe, Composite][];
  #watermark = Number.NEGATIVE_INFINITY;
  /** Unsettled minutes, by start. */
  #minutes: Minute[] = [];
  /** The latest of them: where nearly every tick belongs. */
  #current: Minute | null = null;
  /** Close of the last settled minute. */
  #lastClose: number | null = null;
  #skip = Number.NEGATIVE_INFINITY;
  #join: { at: number | null } | null = null;
  #wholeFrom = Number.NEGATIVE_INFINITY;
  #nextDue = Number.POSITIVE_INFINITY;
  #out: Bar[] = [];

  /** `partition` is that of the record log, or null where ticks have no offsets. */
  constructor(symbol: string, options: BarOptions, partition: number | null) {
    this.#symbol = symbol;
    this.#options = options;
    this.#partition = partition;
    this.#composites = options.composites.map((tf) => [tf, new Composite(tf, options)]);
  }

  /**
   * The next tick comes after an interval in which ticks may have been missed. `at` is when the subscription began
   * (epoch milliseconds), null where unknown. Minutes that were not seen whole are marked partial.
   */
  joined(at: number | null): void {
    this.#join = { at };
    this.#markPartial(Number.POSITIVE_INFINITY);
  }

  /**
   * Takes a tick. `place` is its offset, or any rising number; `receivedAt` in epoch milliseconds, null where unknown.
   * False: the tick came after the correction window and was not counted.
   */
  add(tick: TickFields, place: number, receivedAt: number | null): boolean {
    const { ts } = tick;
    let minute = this.#current;
    if (minute === null || ts >= minute.end || ts < minute.start || this.#join !== null) {
      minute = this.#minuteFor(ts, receivedAt);
      if (minute === null) return false;
    }
    if (minute.rev !== -1 && minute.changedAt === null) {
      minute.changedAt = Math.max(this.#watermark, ts);
      this.#nextDue = Math.min(this.#nextDue, minute.changedAt + this.#options.graceMs);
    }
    minute.add(tick, place);
    if (ts > this.#watermark) {
      this.#watermark = ts;
      if (ts >= this.#nextDue) this.#advance();
    }
    return true;
  }

  /** Whether `take` would give anything. */
  get hasOutput(): boolean {
    return this.#out.length > 0;
  }

  /** Greatest `ts` so far, in epoch milliseconds; -Infinity before the first tick. */
  get watermark(): number {
    return this.#watermark;
  }

  /** Minutes that have ticks and were not given out yet. */
  get openBars(): number {
    return this.#minutes.reduce((sum, m) => sum + (m.rev === -1 && m.n > 0 ? 1 : 0), 0);
  }

  /** The bars that closed, or were corrected, since the last call, in order. */
  take(): Bar[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Whether `idle` has anything to close, or to make, by then. */
  overdue(now: number, lastTakenAt: number): boolean {
    const { idleCloseMs, graceMs, buildWithNoUpdates } = this.#options;
    if (this.#current === null || now - lastTakenAt < idleCloseMs) return false;
    const over = now - graceMs;
    return (
      (buildWithNoUpdates && over >= this.#current.end + MINUTE) ||
      this.#minutes.some((m) => m.changed && over >= m.end) ||
      this.#composites.some(([, composite]) => composite.isDue(now))
    );
  }

  /**
   * Closes by the clock what no tick closes: to be called from time to time while nothing comes. All in epoch milliseconds:
   * `now`, when the last tick was taken, and when it was received (long before, where a backlog is worked off).
   */
  idle(now: number, lastTakenAt: number, lastReceivedAt: number): void {
    if (this.#current === null || !this.overdue(now, lastTakenAt)) return;
    const { graceMs } = this.#options;
    const over = now - graceMs;
    const live = lastReceivedAt - this.#watermark < LIVE_MS;
    if (live) this.#place(this.#minutes.length, this.#empty(this.#current.end, minuteOf(over)));
    this.#close((minute) => minute.changed && over >= minute.end);
    // On a replay the clock says nothing about where the tape stands: only what its ticks have reached is over.
    this.#closeComposites(live ? now : this.#minutes.at(-1)!.end + graceMs);
    this.#schedule();
  }

  snapshot(): BuilderState {
    const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
    return {
      watermark: finite(this.#watermark),
      minutes: this.#minutes.map((minute) => minute.state()),
      lastClose: this.#lastClose,
      skip: finite(this.#skip),
      join: this.#join,
      wholeFrom: finite(this.#wholeFrom),
      composites: Object.fromEntries(this.#composites.map(([tf, composite]) => [tf, composite.snapshot()])),
    };
  }

  restore(state: BuilderState): void {
    this.#watermark = state.watermark ?? Number.NEGATIVE_INFINITY;
    this.#minutes = state.minutes.map(Minute.from);
    this.#current = this.#minutes.at(-1) ?? null;
    this.#lastClose = state.lastClose;
    this.#skip = state.skip ?? Number.NEGATIVE_INFINITY;
    this.#join = state.join;
    this.#wholeFrom = state.wholeFrom ?? Number.NEGATIVE_INFINITY;
    for (const [tf, composite] of this.#composites) composite.restore(state.composites[tf] ?? []);
    this.#out = [];
    this.#schedule();
  }

  /** The minute of a tick that does not fall into the current one, or comes first after a join; null where it is settled. */
  #minuteFor(ts: number, receivedAt: number | null): Minute | null {
    const start = minuteOf(ts);
    const { graceMs, correctionWindowMs } = this.#options;
    if (this.#watermark >= start + MINUTE + graceMs + correctionWindowMs) return null;
    if (this.#join !== null) this.#resume(this.#join.at, ts, receivedAt);
    return this.#minutes.findLast((m) => m.start === start) ?? this.#insert(start);
  }

  /** With the first tick after a join it can be told up to when minutes were not seen whole. */
  #resume(at: number | null, ts: number, receivedAt: number | null): void {
    this.#join = null;
    const live = receivedAt !== null && Math.abs(receivedAt - ts) < LIVE_MS;
    // Where the clock cannot be compared with the tape, ticks up to the grace later than this one may have come before it.
    const from = live ? (at ?? Math.max(receivedAt, ts + 1)) : ts + this.#options.graceMs + 1;
    this.#wholeFrom = Math.max(this.#wholeFrom, from);
    this.#markPartial(from);
    const isFirst = this.#watermark === Number.NEGATIVE_INFINITY;
    if (isFirst && this.#options.skipFirstPartial) this.#skip = minuteOf(from - 1);
  }

  /** Marks the minutes that start before `end` and were not given out yet. */
  #markPartial(end: number): void {
    for (const minute of this.#minutes) if (minute.rev === -1 && minute.start < end) minute.partial = true;
  }

  /** Makes a minute, and the empty ones between it and its neighbours. */
  #insert(start: number): Minute {
    const minute = this.#make(start);
    const next = this.#minutes.findIndex((m) => m.start > start);
    const at = next === -1 ? this.#minutes.length : next;
    const before = this.#empty(this.#minutes[at - 1]?.end ?? start, start);
    const after = this.#empty(minute.end, this.#minutes[at]?.start ?? minute.end);
    this.#place(at, [...before, minute, ...after]);
    return minute;
  }

  #make(start: number): Minute {
    const minute = new Minute(start);
    minute.partial = start < this.#wholeFrom;
    return minute;
  }

  /** Empty minutes in [from, to), where such are to be built. */
  #empty(from: number, to: number): Minute[] {
    const made: Minute[] = [];
    if (!this.#options.buildWithNoUpdates || (to - from) / MINUTE > MAX_EMPTY) return made;
    for (let start = from; start < to; start += MINUTE) made.push(this.#make(start));
    return made;
  }

  #place(at: number, made: readonly Minute[]): void {
    if (made.length === 0) return;
    this.#minutes = [...this.#minutes.slice(0, at), ...made, ...this.#minutes.slice(at)];
    this.#current = this.#minutes.at(-1)!;
    this.#schedule();
  }

  /** Does all that the watermark makes due. */
  #advance(): void {
    const { graceMs, correctionWindowMs } = this.#options;
    const watermark = this.#watermark;
    this.#close((m) =>
      m.rev === -1
        ? watermark >= m.end + graceMs
        : m.changedAt !== null &&
          (watermark >= m.changedAt + graceMs || watermark >= m.end + graceMs + correctionWindowMs),
    );
    this.#closeComposites(watermark);
    let settled = 0;
    for (const minute of this.#minutes) {
      if (watermark < minute.end + graceMs + correctionWindowMs) break;
      this.#lastClose = minute.close;
      settled += 1;
      for (const [, composite] of this.#composites) composite.settle(minute.start);
    }
    if (settled > 0) this.#minutes = this.#minutes.slice(settled);
    for (const [, composite] of this.#composites) composite.prune(watermark);
    this.#schedule();
  }

  /** Gives out the minutes for which `due` holds, in order; and the empty ones after them whose carried close changed. */
  #close(due: (minute: Minute) => boolean): void {
    let close = this.#lastClose;
    for (const minute of this.#minutes) {
      const moved = minute.n === 0 && close !== null && minute.carry(close);
      if ((due(minute) || (moved && minute.rev !== -1)) && minute.start > this.#skip && !Number.isNaN(minute.close))
        this.#give(minute);
      close = minute.close;
    }
  }

  #give(minute: Minute): void {
    minute.rev += 1;
    minute.changedAt = null;
    const closed = minute.bar(this.#symbol, this.#partition);
    this.#out.push(closed);
    for (const [, composite] of this.#composites) composite.update(closed);
  }

  #closeComposites(time: number): void {
    for (const [, composite] of this.#composites) this.#out.push(...composite.close(time));
  }

  /** A function of the state alone, so that a restart closes everything at the same tick. */
  #schedule(): void {
    const { graceMs, correctionWindowMs } = this.#options;
    let due = Number.POSITIVE_INFINITY;
    for (const m of this.#minutes) {
      const next =
        m.rev === -1 && m.start > this.#skip
          ? m.end + graceMs
          : m.changedAt !== null
            ? m.changedAt + graceMs
            : Number.POSITIVE_INFINITY;
      due = Math.min(due, next, m.end + graceMs + correctionWindowMs);
    }
    for (const [, composite] of this.#composites) due = Math.min(due, composite.nextDue());
    this.#nextDue = due;
  }
}
