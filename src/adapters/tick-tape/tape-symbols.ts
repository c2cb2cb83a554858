import { TAIL, TapeTail } from '../../domain/tape/tape-alignment.ts';
import { parseTick } from '../../domain/tick/tick-parser.ts';
import type { TapeEnd, TapeTick } from '../../ports/tick-tape.ts';
import type { FilledTick } from './gap-edges.ts';
import type { TapeGap } from './tape-gap.ts';

/** What is known of a symbol's tape. */
interface SymbolTape {
  /** Since the last gap. */
  tail: TapeTail;
  last: Buffer | null;
  lastTs: number | null;
  receivedAt: number;
  /** The gap since which this symbol has been seen. */
  seen: TapeGap | null;
  /** The gap after which this symbol was given out. */
  given: TapeGap | null;
}

/** Follows the tape symbol by symbol, so that each gap knows what was received around it. */
export class TapeSymbols {
  readonly #symbols = new Map<string, SymbolTape>();
  /** Gaps that may still change. */
  readonly #told: Iterable<TapeGap>;
  /** The gap since which ticks are received. */
  #current: TapeGap | null = null;

  /** `ends`: where the tape ends that ticks go to. */
  constructor(ends: ReadonlyMap<string, TapeEnd>, told: Iterable<TapeGap>) {
    this.#told = told;
    for (const [name, { hashes, unbroken = hashes.length, receivedAt, lastTs }] of ends)
      Object.assign(this.#symbol(name), { tail: new TapeTail(hashes.slice(-unbroken)), receivedAt, lastTs });
  }

  /** A tick was received. */
  received({ symbol: name, payload, hash, receivedAt }: TapeTick): void {
    if (name === null) return;
    const gap = this.#current;
    const isNew = !this.#symbols.has(name);
    const symbol = this.#symbol(name);
    symbol.tail.push(hash);
    symbol.last = payload;
    symbol.receivedAt = receivedAt;
    if (gap === null) return;
    if (symbol.seen !== gap) {
      symbol.seen = gap;
      const ts = eventTime(name, payload);
      for (const told of this.#told) told.firstSince(name, ts, receivedAt, isNew);
    }
    gap.head(name, hash, receivedAt);
  }

  /** A tick was filled in; of a symbol that began in the gap nothing else is known. */
  filled({ symbol: name, payload, ms }: FilledTick, gap: TapeGap): void {
    if (!this.#symbols.has(name)) {
      Object.assign(this.#symbol(name), { last: payload, receivedAt: ms });
      const ts = eventTime(name, payload);
      for (const told of this.#told) {
        // It came after those before, which may have cost it ticks, too.
        if (told === gap) break;
        told.firstSince(name, ts, ms, true);
      }
    }
    gap.beganHere(name);
  }

  /** A gap begins here. */
  open(gap: TapeGap): void {
    for (const [name, symbol] of this.#symbols) {
      const lastTs = eventTime(name, symbol.last) ?? symbol.lastTs;
      gap.precededBy(name, symbol.tail.hashes().slice(-TAIL), symbol.receivedAt, lastTs);
      symbol.tail = new TapeTail();
    }
    this.#current = gap;
  }

  /** Tells the first tick of a symbol after a gap that stayed open. */
  marked(tick: TapeTick, gap: TapeGap): TapeTick {
    if (tick.symbol === null) return tick;
    const symbol = this.#symbol(tick.symbol);
    if (symbol.given === gap) return tick;
    symbol.given = gap;
    return gap.isWhole(tick.symbol) ? tick : { ...tick, joinedAt: gap.to };
  }

  #symbol(name: string): SymbolTape {
    let symbol = this.#symbols.get(name);
    if (symbol === undefined) {
      symbol = { tail: new TapeTail(), last: null, lastTs: null, receivedAt: 0, seen: null, given: null };
      this.#symbols.set(name, symbol);
    }
    return symbol;
  }
}

function eventTime(symbol: string, payload: Buffer | null): number | null {
  if (payload === null) return null;
  const parsed = parseTick(payload, { symbol, receivedAt: null }, { allowNonPositive: true });
  return 'tick' in parsed ? parsed.tick.ts : null;
}
