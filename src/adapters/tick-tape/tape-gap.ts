import { StateMachine } from '../../domain/base/state-machine.ts';
import type { GapBounds, GapRecord } from '../../domain/gap/gap.ts';
import type { SpooledGap } from '../../ports/spool.ts';
import type { BackFilled } from './back-fill.ts';
import { EdgeKeeper } from './edge-keeper.ts';
import type { FilledTick, GapEdges } from './gap-edges.ts';
import { CLOCK_SKEW_MS } from './stretch.ts';

/** A tick received within this long of its own time is live. */
const LIVE_MS = 60_000;

/**
 * `lasting`: nothing is received. `waiting`: all is received again; its turn to be filled has not come. `filling`: the streams are being
 * read. `filled`: nothing more will be filled in; some of it is not durable yet. `delivered`: all that fills it is durable.
 */
type GapState = 'lasting' | 'waiting' | 'filling' | 'filled' | 'delivered';

/** Who tells of a gap. */
export interface GapTeller {
  readonly service: string;
  readonly instance: string;
  readonly pattern: string;
}

/** A tick that fills a gap; `receivedAt`: in its order among those that were received (epoch milliseconds). */
export interface LaneTick extends FilledTick {
  readonly receivedAt: number;
}

/** A gap, from the loss until the ticks that fill it are durable. */
export class TapeGap {
  readonly id: string;
  readonly reason: SpooledGap['reason'];
  readonly from: number | null;
  readonly #state: StateMachine<GapState>;
  readonly #edges: EdgeKeeper;
  readonly #bounds = new Map<string, { after: number | null; before: number | null }>();
  readonly #begin: string | null;
  #to: number | null;
  #asked = Number.NaN;
  #found: BackFilled | null = null;
  #lane: LaneTick[] = [];
  #filled = 0;
  #news: 'none' | 'some' | 'pressing' = 'pressing';

  /** `before`: the gap before it, whose ends this one goes on from. */
  constructor({ id, reason, from, to, begin = null }: SpooledGap, before: TapeGap | null) {
    this.id = id;
    this.reason = reason;
    this.from = from;
    this.#to = to;
    this.#begin = begin;
    this.#edges = new EdgeKeeper(before === null ? null : before.#edges);
    this.#state = new StateMachine<GapState>(`the gap ${id}`, 'lasting', {
      lasting: ['waiting'],
      waiting: ['filling'],
      filling: ['filled'],
      filled: ['delivered'],
      delivered: [],
    });
  }

  get state(): GapState {
    return this.#state.state;
  }

  /** Since when all is received again (epoch milliseconds); null while it lasts. */
  get to(): number | null {
    return this.#state.is('lasting') ? null : this.#to;
  }

  /** The end of a symbol's tape before the gap; `lastTs`: the event time of its last tick. */
  precededBy(symbol: string, hashes: readonly number[], receivedAt: number, lastTs: number | null): void {
    this.#edges.before(symbol, { hashes, receivedAt });
    this.#bounds.set(symbol, { after: lastTs, before: null });
  }

  /** Everything is received again since `to`, and nothing that was published before `asked` (epoch milliseconds). */
  rejoined(to: number, asked: number): void {
    this.#state.to('waiting');
    this.#to = to;
    this.#asked = asked;
    this.#tell('some');
  }

  /** The next gap. */
  followedBy(next: TapeGap): void {
    this.#edges.next = { from: next.from, edges: next.#edges };
  }

  /** What the stream is held against, once the gap before is filled as far as it will be; null where nothing is known of before. */
  beginFilling(): GapEdges | null {
    this.#state.to('filling');
    return this.#edges.settled({ from: this.from, asked: this.#asked, begin: this.#begin });
  }

  /** A tick that fills the gap. */
  fill(tick: FilledTick): void {
    // About when it would have been received, and in order: after what was before it, before the gap was over.
    const receivedAt = Math.min(Math.max(tick.ms, this.#edges.receivedLast(tick.symbol)), this.#to!);
    this.#lane.push({ ...tick, receivedAt });
    this.#filled += 1;
    this.#edges.filled(tick);
  }

  /** A tick was filled in of a symbol of which nothing else is known. */
  beganHere(symbol: string): void {
    if (this.#bounds.has(symbol)) return;
    this.#bounds.set(symbol, { after: null, before: null });
    this.#tell('pressing');
  }

  /** Nothing more will be filled in. `found` is null where the streams could not be read. */
  endFilling(found: BackFilled | null): void {
    this.#state.to('filled');
    this.#found = found;
    // One of which nothing was known when the gap began: it came to be known in a gap before, or here.
    for (const symbol of found?.lacking ?? []) this.beganHere(symbol);
    this.#edges.isWhole = (symbol) => this.isWhole(symbol);
  }

  /** All that was filled in is durable. */
  deliver(): void {
    this.#state.to('delivered');
    this.#tell('pressing');
  }

  /** Ticks that fill the gap and were not given out yet. */
  get inLane(): number {
    return this.#lane.length;
  }

  /** Ticks that were filled in so far. */
  get filled(): number {
    return this.#filled;
  }

  giveLane(max: number): LaneTick[] {
    return this.#lane.splice(0, max);
  }

  /** Whether every tick that the gap may have cost this symbol was filled in. */
  isWhole(symbol: string): boolean {
    return this.#found?.whole.has(symbol) ?? false;
  }

  /** A tick that was received since, before any other gap. */
  head(symbol: string, hash: number, receivedAt: number): void {
    if (this.#state.is('lasting', 'waiting', 'filling')) this.#edges.after(symbol, hash, receivedAt);
  }

  /** The first tick of a symbol since the gap. `isNew`: the symbol was never seen before. */
  firstSince(symbol: string, ts: number | null, receivedAt: number, isNew: boolean): void {
    if (ts === null) return;
    // On a live tape nothing can be missing from the time after the subscription began, as far as clocks agree.
    const live = Math.abs(receivedAt - ts) < LIVE_MS && this.to !== null;
    const before = live ? Math.min(ts, this.to! + CLOCK_SKEW_MS) : ts;
    const bounds = this.#bounds.get(symbol);
    if (bounds === undefined && isNew) {
      // The streams were read to the end of the gap, and have nothing of it.
      if (this.#found?.complete === true) return;
      this.#bounds.set(symbol, { after: null, before });
      this.#tell('pressing');
    } else if (bounds?.before === null) {
      bounds.before = before;
      this.#tell('some');
    }
  }

  #tell(news: 'some' | 'pressing'): void {
    if (this.#news !== 'pressing') this.#news = news;
  }

  /** Whether it is the one that a run begins with, and nothing was received yet. */
  get #beginning(): boolean {
    return this.#state.is('lasting') && (this.reason === 'start' || this.reason === 'crash');
  }

  /** Whether nothing about it can change any more. */
  get final(): boolean {
    if (!this.#state.is('delivered') || this.from === null) return false;
    for (const [name, { before }] of this.#bounds) if (before === null && !this.isWhole(name)) return false;
    return true;
  }

  /** The symbols that may lack ticks: until those that fill it are durable, all of them. */
  #open(): Record<string, GapBounds> {
    const open = [...this.#bounds].filter(([name]) => !(this.#state.is('delivered') && this.isWhole(name)));
    return Object.fromEntries(open.map(([name, bounds]) => [name, { ...bounds }]));
  }

  /**
   * Its record as of `now`, where it has changed since it was told. `all`: also for what can wait. `over`: no more is received, so that a
   * gap in which nothing was received yet is told, too.
   */
  change(by: GapTeller, now: number, { all, over }: { all: boolean; over: boolean }): GapRecord | null {
    // Before a run has received anything, its first gap has nothing to tell yet.
    if (this.#news === 'none' || (this.#news === 'some' && !all) || (this.#beginning && !over)) return null;
    this.#news = 'none';
    return this.record(by, now);
  }

  /** As it stands at `now` (epoch milliseconds). */
  record(by: GapTeller, now: number): GapRecord {
    const { id, reason, from } = this;
    const delivered = this.#state.is('delivered');
    const symbols = this.#open();
    const unseen = !(delivered && this.#found?.complete === true);
    const closed = delivered && from !== null && !unseen && Object.keys(symbols).length === 0;
    return {
      id,
      ...by,
      reason,
      from,
      to: this.to ?? now,
      status: closed ? 'closed' : 'open',
      filled: delivered ? this.#filled : 0,
      symbols,
      unseen,
      settled: delivered,
    };
  }
}
