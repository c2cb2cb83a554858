import { TAIL, TapeTail } from '../../domain/tape/tape-alignment.ts';
import type { FilledTick, GapEdges, HeadAfter, TailBefore } from './gap-edges.ts';

/** How many payloads after a gap are kept to find where the stream runs into them. */
const HEAD = 512;

/** Keeps what was received around a gap, for as long as it takes to fill it. */
export class EdgeKeeper {
  /** Where the next gap begins (epoch milliseconds), and what is kept around that; null while there is none. */
  next: { readonly from: number | null; readonly edges: EdgeKeeper } | null = null;
  /** Whether all was filled in that the gap may have cost a symbol. */
  isWhole: (symbol: string) => boolean = () => false;
  /** The gap before, until its ends are known. */
  #before: EdgeKeeper | null;
  /** The last payloads received since the gap before. */
  readonly #since = new Map<string, TailBefore>();
  readonly #tails = new Map<string, TailBefore>();
  readonly #heads = new Map<string, { readonly hashes: number[]; readonly receivedAt: number }>();
  readonly #fills = new Map<string, { readonly tail: TapeTail; receivedAt: number }>();

  constructor(before: EdgeKeeper | null) {
    this.#before = before;
  }

  /** The end of a symbol's tape, as far as it was received since the gap before. */
  before(symbol: string, tail: TailBefore): void {
    this.#since.set(symbol, tail);
  }

  /** A tick received since the gap. */
  after(symbol: string, hash: number, receivedAt: number): void {
    const head = this.#heads.get(symbol);
    if (head === undefined) this.#heads.set(symbol, { hashes: [hash], receivedAt });
    else if (head.hashes.length < HEAD) head.hashes.push(hash);
  }

  filled({ symbol, hash, ms }: FilledTick): void {
    let fill = this.#fills.get(symbol);
    if (fill === undefined) {
      fill = { tail: new TapeTail(), receivedAt: 0 };
      this.#fills.set(symbol, fill);
    }
    fill.tail.push(hash);
    fill.receivedAt = ms;
  }

  /** When the last tick was received or filled in that is known to stand before what is filled in next (epoch milliseconds; 0 where none is). */
  receivedLast(symbol: string): number {
    return this.#fills.get(symbol)?.receivedAt ?? this.#tails.get(symbol)?.receivedAt ?? 0;
  }

  /** The edges of a gap, once the gap before is filled as far as it will be; null where nothing is known of before. */
  settled({ from, asked, begin }: { from: number | null; asked: number; begin: string | null }): GapEdges | null {
    const before = this.#before;
    for (const [name, tail] of before === null ? [] : before.#ends()) this.#tails.set(name, tail);
    for (const [name, own] of this.#since) {
      const known = this.#tails.get(name);
      if (known === undefined) this.#tails.set(name, own);
      else if (own.hashes.length > 0) {
        // Across a gap that is not whole, what came before it says nothing of what comes next.
        const hashes = before?.isWhole(name) ? [...known.hashes, ...own.hashes].slice(-TAIL) : own.hashes;
        this.#tails.set(name, { ...own, hashes });
      }
    }
    // Ends reach back far enough: what they are made of is needed no more.
    if (before !== null) before.#forget();
    this.#before = null;
    this.#since.clear();
    if (from === null) return null;
    const keeper = this;
    const heads: ReadonlyMap<string, HeadAfter> = this.#heads;
    return {
      from,
      asked,
      begin,
      tails: this.#tails,
      heads,
      get until() {
        return keeper.next?.from ?? null;
      },
      receivedNext: (symbol) => (keeper.next === null ? [] : keeper.next.edges.#headOf(symbol)),
    };
  }

  #headOf(symbol: string): readonly number[] {
    return this.#heads.get(symbol)?.hashes ?? [];
  }

  /** The ends of the tape after what was filled in. */
  #ends(): Map<string, TailBefore> {
    const ends = new Map(this.#tails);
    for (const [name, { tail, receivedAt }] of this.#fills)
      ends.set(name, { hashes: [...(ends.get(name)?.hashes ?? []), ...tail.hashes()].slice(-TAIL), receivedAt });
    return ends;
  }

  #forget(): void {
    this.#tails.clear();
    this.#heads.clear();
    this.#fills.clear();
  }
}
