import { resumePlaces } from '../../domain/tape-alignment.ts';
import type { TapeEnd, TapeTick } from '../../ports/tick-tape.ts';
import { CLOCK_SKEW_MS } from './stretch.ts';

/** What is held of one symbol. */
interface Held {
  readonly end: TapeEnd;
  readonly hashes: number[];
  /** Epoch milliseconds, for each hash: when it was received, and the moment that it was published no earlier than. */
  readonly receivedAt: number[];
  readonly since: number[];
  /** For each gap among them: how many ticks stand before it, and when it began (epoch milliseconds). */
  readonly gaps: { readonly after: number; readonly from: number }[];
  /** How many of the first are in the log by their number. */
  known: number;
  /** Gaps noted so far. */
  noted: number;
}

/**
 * Finds out which of the ticks that a subscriber holds the log has already: by instance and number, where this subscriber brought them
 * there; else, where another one did, by the payloads with which the log ends.
 */
export class HeldTicks {
  readonly #ends: ReadonlyMap<string, TapeEnd>;
  readonly #own: ReadonlySet<string>;
  readonly #marginMs: number;
  readonly #unsure: string[] = [];
  readonly #held = new Map<string, Held>();
  /** When each gap began, in order. */
  readonly #gaps: number[] = [];

  /** `own`: the instances of this subscriber, earlier runs included: never were two of them subscribed at once. `marginMs`: how far the clocks and lags of two subscribers may differ. */
  constructor(ends: ReadonlyMap<string, TapeEnd>, own: Iterable<string>, marginMs: number) {
    this.#ends = ends;
    this.#own = new Set([...own].flatMap((instance) => [instance, fillInstance(instance)]));
    this.#marginMs = marginMs;
  }

  /** A tick that is held; all of them, in order. */
  tick({ symbol, hash, receivedAt, since, instance, seq }: TapeTick): void {
    const end = symbol === null ? undefined : this.#ends.get(symbol);
    if (symbol === null || end === undefined) return;
    let held = this.#held.get(symbol);
    if (held === undefined) {
      held = { end, hashes: [], receivedAt: [], since: [], gaps: [], known: 0, noted: 0 };
      this.#held.set(symbol, held);
    }
    this.#noteGaps(held);
    held.hashes.push(hash);
    held.receivedAt.push(receivedAt);
    held.since.push(since);
    if (seq <= (end.taken.get(instance) ?? -1)) held.known = held.hashes.length;
  }

  /** Notes the gaps that began since its last tick. */
  #noteGaps(held: Held): void {
    for (; held.noted < this.#gaps.length; held.noted += 1)
      held.gaps.push({ after: held.hashes.length, from: this.#gaps[held.noted]! });
  }

  /** The place of a gap that began at `from` (epoch milliseconds; null where that is not known). */
  gap(from: number | null): void {
    this.#gaps.push(from ?? Number.POSITIVE_INFINITY);
  }

  /** How many of the first ticks held of each symbol the log has. */
  inLog(): Map<string, number> {
    for (const held of this.#held.values()) this.#noteGaps(held);
    const counts = [...this.#held].map(([symbol, held]): [string, number] => [symbol, this.#countOf(symbol, held)]);
    return new Map(counts.filter(([, count]) => count > 0));
  }

  /** Symbols of which equal payloads leave unclear how many the log has: the most that it can be are left out. After `inLog`. */
  get unsure(): readonly string[] {
    return this.#unsure;
  }

  #countOf(symbol: string, { end, hashes, receivedAt, since, gaps, known }: Held): number {
    if (known === hashes.length || (end.lastBy !== null && this.#own.has(end.lastBy))) return known;
    const rest = hashes.slice(known);
    // One that was published after the log's last tick had been received is another, however equal.
    const near = (index: number): boolean =>
      since[known + index - 1]! <= end.receivedAt + CLOCK_SKEW_MS &&
      receivedAt[known + index - 1]! >= end.receivedAt - this.#marginMs;
    const places = resumePlaces(rest, end.hashes, near);
    const [best] = places;
    if (best !== undefined) {
      // Equal payloads in a row: the most that can be in the log are left out, and what that may cost is told.
      if (places.some(({ index }) => index === best.index - 1)) this.#unsure.push(symbol);
      return known + best.index;
    }
    // The log's last tick is none of these: it came before all of them, or in a gap among them. What stands before that gap is older.
    const within = gaps.findLast(({ from }) => from - this.#marginMs <= end.receivedAt);
    return Math.max(known, within?.after ?? 0);
  }
}

/** Under this name a subscriber numbers the ticks that it fills in. */
export const fillInstance = (instance: string): string => `${instance}-fill`;

/** Leaves out so many of each symbol's first ticks. */
export class Skips {
  readonly #left: Map<string, number>;

  constructor(counts: ReadonlyMap<string, number>) {
    this.#left = new Map(counts);
  }

  /** Whether nothing is left to be left out. */
  get none(): boolean {
    return this.#left.size === 0;
  }

  /** Whether this tick is left out; to be asked once for each, in order. */
  skips({ symbol }: TapeTick): boolean {
    const count = symbol === null ? undefined : this.#left.get(symbol);
    if (symbol === null || count === undefined) return false;
    if (count === 1) this.#left.delete(symbol);
    else this.#left.set(symbol, count - 1);
    return true;
  }
}
