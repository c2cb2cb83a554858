import type { GapReason, GapRecord } from '../../domain/gap.ts';
import { TapeTail } from '../../domain/tape-alignment.ts';
import type { FilledTick, GapContext, TailBefore } from './back-fill.ts';

/** A tick received within this long of its own time is live. */
const LIVE_MS = 60_000;

/** A gap, from the loss to its filling. */
export class TapeGap implements GapContext {
  readonly reason: GapReason;
  readonly from: number | null;
  readonly to: number;
  readonly id: string;
  readonly tails = new Map<string, TailBefore>();
  readonly heads = new Map<string, number[]>();
  readonly bounds = new Map<string, { after: number | null; before: number | null }>();
  readonly whole = new Set<string>();
  /** Ends of what was filled in, by symbol. */
  readonly fills = new Map<string, TapeTail>();
  readonly lane: FilledTick[] = [];
  filled = 0;
  /** Received ticks that go before this gap's. */
  before: number;
  done = false;
  changed = true;
  constructor(id: string, reason: GapReason, from: number | null, to: number, before: number) {
    this.id = id;
    this.reason = reason;
    this.from = from;
    this.to = to;
    this.before = before;
  }
  /** A tick that fills the gap. */
  fill(tick: FilledTick): void {
    this.lane.push(tick);
    this.filled += 1;
    let end = this.fills.get(tick.symbol);
    if (end === undefined) {
      end = new TapeTail();
      this.fills.set(tick.symbol, end);
    }
    end.push(tick.hash);
  }

  /** The first tick of a symbol since the gap. `isNew`: the symbol was never seen before. */
  firstSince(symbol: string, ts: number | null, receivedAt: number, isNew: boolean): void {
    if (ts === null || this.whole.has(symbol)) return;
    // On a live tape nothing can be missing from the time after the subscription began.
    const before = Math.abs(receivedAt - ts) < LIVE_MS ? Math.min(ts, this.to) : ts;
    const bounds = this.bounds.get(symbol);
    if (bounds === undefined && isNew) this.bounds.set(symbol, { after: null, before });
    else if (bounds?.before === null) bounds.before = before;
    else return;
    this.changed = true;
  }

  /** Whether nothing about it can change any more. */
  get final(): boolean {
    return this.done && this.from !== null && [...this.bounds.values()].every((b) => b.before !== null);
  }

  record(by: { service: string; instance: string; pattern: string }): GapRecord {
    const { id, reason, from, to, filled } = this;
    const closed = this.done && from !== null && this.bounds.size === 0 && this.whole.size > 0;
    return {
      id,
      ...by,
      reason,
      from,
      to,
      status: closed ? 'closed' : 'open',
      filled,
      symbols: Object.fromEntries(this.bounds),
    };
  }
}
