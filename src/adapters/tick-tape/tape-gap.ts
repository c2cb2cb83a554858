import type { GapBounds, GapRecord } from '../../domain/gap.ts';
import { TAIL, TapeTail } from '../../domain/tape-alignment.ts';
import type { SpooledGap } from '../../ports/spool.ts';
import type { FilledTick, GapContext, HeadAfter, TailBefore } from './back-fill.ts';

/** A tick received within this long of its own time is live. */
const LIVE_MS = 60_000;
/** How many payloads after a gap are kept to find where the stream runs into them. */
const HEAD = 512;

interface Fill {
  readonly tail: TapeTail;
  receivedAt: number;
}

/** A gap, from the loss until the ticks that fill it are durable. */
export class TapeGap {
  readonly id: string;
  readonly reason: SpooledGap['reason'];
  readonly from: number | null;
  /** Null while nothing is received again. */
  to: number | null;
  /** Where the next gap begins. */
  until: number | null = null;
  /** The last payloads received since the gap before. */
  readonly since = new Map<string, TailBefore>();
  readonly tails = new Map<string, TailBefore>();
  readonly heads = new Map<string, HeadAfter & { hashes: number[] }>();
  readonly bounds = new Map<string, { after: number | null; before: number | null }>();
  readonly whole = new Set<string>();
  readonly #fills = new Map<string, Fill>();
  readonly lane: FilledTick[] = [];
  filled = 0;
  /** Whether nothing more will be filled in. */
  done = false;
  /** Whether all that was filled in is durable. */
  delivered = false;
  changed = true;
  /** Whether the change can't wait: more may be missing than was told, or all of it is there. */
  pressing = true;

  #before: TapeGap | null;

  constructor({ id, reason, from, to }: SpooledGap, before: TapeGap | null) {
    this.#before = before;
    this.id = id;
    this.reason = reason;
    this.from = from;
    this.to = to;
  }

  /** What the stream is held against, once the gap before is filled as far as it will be. */
  context(to: number): GapContext {
    const before = this.#before;
    for (const [name, tail] of before?.ends() ?? []) this.tails.set(name, tail);
    for (const [name, own] of this.since) {
      const known = this.tails.get(name);
      if (known === undefined || (own.hashes.length > 0 && before?.whole.has(name) === false))
        this.tails.set(name, own);
      else if (own.hashes.length > 0)
        this.tails.set(name, { ...own, hashes: [...known.hashes, ...own.hashes].slice(-TAIL) });
    }
    // Ends reach back far enough: what they are made of is needed no more.
    if (before !== null) before.#forget();
    this.#before = null;
    this.since.clear();
    const gap = this;
    return {
      from: this.from,
      to,
      tails: this.tails,
      heads: this.heads,
      get until() {
        return gap.until;
      },
    };
  }

  /** The ends of the tape after what was filled in. */
  ends(): Map<string, TailBefore> {
    const ends = new Map(this.tails);
    for (const [name, { tail, receivedAt }] of this.#fills)
      ends.set(name, { hashes: [...(ends.get(name)?.hashes ?? []), ...tail.hashes()].slice(-TAIL), receivedAt });
    return ends;
  }

  #forget(): void {
    this.tails.clear();
    this.heads.clear();
    this.#fills.clear();
  }

  /** A tick that fills the gap. */
  fill(tick: FilledTick): void {
    this.lane.push(tick);
    this.filled += 1;
    let fill = this.#fills.get(tick.symbol);
    if (fill === undefined) {
      fill = { tail: new TapeTail(), receivedAt: 0 };
      this.#fills.set(tick.symbol, fill);
    }
    fill.tail.push(tick.hash);
    fill.receivedAt = tick.ms;
  }

  /** A tick that was received since, before any other gap. */
  head(symbol: string, hash: number, receivedAt: number): void {
    if (this.done) return;
    const head = this.heads.get(symbol);
    if (head === undefined) this.heads.set(symbol, { hashes: [hash], receivedAt });
    else if (head.hashes.length < HEAD) head.hashes.push(hash);
  }

  /** The first tick of a symbol since the gap. `isNew`: the symbol was never seen before. */
  firstSince(symbol: string, ts: number | null, receivedAt: number, isNew: boolean): void {
    if (ts === null) return;
    // On a live tape nothing can be missing from the time after the subscription began.
    const before = Math.abs(receivedAt - ts) < LIVE_MS ? Math.min(ts, this.to ?? ts) : ts;
    const bounds = this.bounds.get(symbol);
    if (bounds === undefined && isNew) {
      this.bounds.set(symbol, { after: null, before });
      this.pressing = true;
    } else if (bounds?.before === null) bounds.before = before;
    else return;
    this.changed = true;
  }

  /** Whether it is the one that a run begins with, and nothing was received yet. */
  get beginning(): boolean {
    return this.to === null && (this.reason === 'start' || this.reason === 'crash');
  }

  /** Whether nothing about it can change any more. */
  get final(): boolean {
    return this.delivered && this.from !== null && Object.values(this.#open()).every((b) => b.before !== null);
  }

  /** The symbols that may lack ticks: until those that fill it are durable, all of them. */
  #open(): Record<string, GapBounds> {
    const open = [...this.bounds].filter(([name]) => !(this.delivered && this.whole.has(name)));
    return Object.fromEntries(open.map(([name, bounds]) => [name, { ...bounds }]));
  }

  /** As it stands at `now`. */
  record(by: { service: string; instance: string; pattern: string }, now: number): GapRecord {
    const { id, reason, from, to, delivered } = this;
    const symbols = this.#open();
    const closed = delivered && from !== null && Object.keys(symbols).length === 0 && this.whole.size > 0;
    return {
      id,
      ...by,
      reason,
      from,
      to: to ?? now,
      status: closed ? 'closed' : 'open',
      filled: delivered ? this.filled : 0,
      symbols,
    };
  }
}
