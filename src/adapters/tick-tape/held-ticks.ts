import { fillInstance } from '../../domain/tape/fill-instance.ts';
import { mayBeChance, type ResumePlace, resumePlaces, SURE } from '../../domain/tape/tape-alignment.ts';
import type { TapeEnd, TapeTick } from '../../ports/tick-tape.ts';
import type { RefusedTicks } from './refused-ticks.ts';
import { CLOCK_SKEW_MS } from './stretch.ts';

/** A gap among what is held: when it began and was over (epoch milliseconds; infinite where that is not known). */
interface HeldGap {
  readonly from: number;
  readonly to: number;
}

/** What is held of one symbol, and goes to one place. */
interface Held {
  readonly symbol: string;
  readonly end: TapeEnd;
  readonly hashes: number[];
  /** Epoch milliseconds, for each hash: when it was received, and the moment that it was published no earlier than. */
  readonly receivedAt: number[];
  readonly since: number[];
  /** For each gap among them: how many ticks stand before it. */
  readonly gaps: (HeldGap & { readonly after: number })[];
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
  readonly #refused: RefusedTicks;
  readonly #unsure = new Set<string>();
  /** By symbol, those that were set aside apart. */
  readonly #held = new Map<string, Held>();
  /** In order. */
  readonly #gaps: HeldGap[] = [];
  /** When the first of all was received (epoch milliseconds). */
  #first = Number.POSITIVE_INFINITY;

  /** `own`: the instances of this subscriber, earlier runs included: never were two of them subscribed at once. `marginMs`: how far the clocks and lags of two subscribers may differ. */
  constructor(ends: ReadonlyMap<string, TapeEnd>, refused: RefusedTicks, own: Iterable<string>, marginMs: number) {
    this.#ends = ends;
    this.#refused = refused;
    this.#own = new Set([...own].flatMap((instance) => [instance, fillInstance(instance)]));
    this.#marginMs = marginMs;
  }

  /** A tick that is held; all of them, in order. */
  tick({ symbol, hash, receivedAt, since, instance, seq }: TapeTick): void {
    this.#first = Math.min(this.#first, receivedAt);
    if (symbol === null) return;
    const place = placeOf(symbol, hash, this.#refused);
    const end = place === symbol ? this.#ends.get(symbol) : this.#refused.ends.get(symbol);
    if (end === undefined) return;
    let held = this.#held.get(place);
    if (held === undefined) {
      held = { symbol, end, hashes: [], receivedAt: [], since: [], gaps: [], known: 0, noted: 0 };
      this.#held.set(place, held);
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
      held.gaps.push({ after: held.hashes.length, ...this.#gaps[held.noted]! });
  }

  /** The place of a gap (epoch milliseconds; null where that is not known). */
  gap(from: number | null, to: number | null): void {
    this.#gaps.push({ from: from ?? Number.POSITIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY });
  }

  /** Leaves out what the log has of what is held: of each symbol the first ones. */
  inLog(): Skips {
    for (const held of this.#held.values()) this.#noteGaps(held);
    const counts = [...this.#held].map(([place, held]): [string, number] => [place, this.#countOf(held)]);
    return new Skips(new Map(counts.filter(([, count]) => count > 0)), this.#refused);
  }

  /** Symbols of which equal payloads leave unclear how many the log has: the most that it can be are left out. After `inLog`. */
  get unsure(): readonly string[] {
    return [...this.#unsure];
  }

  #countOf({ symbol, end, hashes, receivedAt, since, gaps, known }: Held): number {
    if (known === hashes.length || (end.lastBy !== null && this.#own.has(end.lastBy))) return known;
    const rest = hashes.slice(known);
    // One that was published after the log's last tick had been received is another, however equal.
    const near = (index: number): boolean =>
      since[known + index - 1]! <= end.receivedAt + CLOCK_SKEW_MS &&
      receivedAt[known + index - 1]! >= end.receivedAt - this.#marginMs;
    const starts = gaps.filter(({ after }) => after > known).map(({ after }) => after - known);
    const { unbroken = end.hashes.length } = end;
    const possible = resumePlaces(rest, end.hashes, near, { starts, unbroken });
    // Payloads that prove a place on their own do so whatever clocks say, which may differ by more than they should.
    const places =
      possible.length > 0
        ? possible
        : resumePlaces(rest, end.hashes, () => true, { starts, unbroken }).filter(proves(rest));
    const [best] = places;
    if (best !== undefined) {
      // Equal payloads in a row, or around a place where others may be missing: the most that can be in the log are left out, and what that may cost is told.
      const isUnclear =
        places.some(({ index }) => index === best.index - 1) ||
        (mayBeChance(best, end.hashes, rest) && this.#mayPrecede(end, known + best.index, gaps));
      if (isUnclear) this.#unsure.add(symbol);
      return known + best.index;
    }
    const later = gaps.map((gap) => ({ ...gap, after: gap.after - known }));
    return known + this.#countBefore(symbol, end, rest, later);
  }

  /**
   * How many the log has where its last tick is none of these: it came before all of them, or in a gap among them. What stands before that gap
   * is older: all of that, or enough of its end, stands in the log.
   */
  #countBefore(symbol: string, end: TapeEnd, rest: readonly number[], gaps: Held['gaps']): number {
    const begin = (after: number): number => gaps.findLast((gap) => gap.after < after && gap.after > 0)?.after ?? 0;
    for (const { after } of gaps.toReversed()) {
      const stretch = rest.slice(begin(after), after);
      const [place] = resumePlaces(end.hashes, stretch);
      if (place === undefined) continue;
      // However short the stretch is: it begins at a gap.
      if (mayBeChance({ ...place, edge: true }, stretch, end.hashes)) this.#unsure.add(symbol);
      // What a gap has cost the log may be what is held behind this place.
      const { unbroken = end.hashes.length } = end;
      return place.index > end.hashes.length - unbroken ? after : this.#countByTime(symbol, end, gaps, after);
    }
    return this.#countByTime(symbol, end, gaps, 0);
  }

  /** How many the log may have beyond the first `certain`, where nothing but times speaks for it. */
  #countByTime(symbol: string, end: TapeEnd, gaps: Held['gaps'], certain: number): number {
    const perhaps = gaps.findLast(({ after, from }) => after > certain && from - this.#marginMs <= end.receivedAt);
    if (perhaps === undefined) return certain;
    this.#unsure.add(symbol);
    return perhaps.after;
  }

  /** Whether the log's last tick may be missing right before the part of what is held that `index` lies in: in a gap, or older than all of it. */
  #mayPrecede({ receivedAt }: TapeEnd, index: number, gaps: Held['gaps']): boolean {
    const gap = gaps.findLast(({ after }) => after < index);
    return receivedAt <= (gap?.to ?? this.#first) + CLOCK_SKEW_MS;
  }
}

/** Whether so many payloads, each unlike the others, are the last of the log's that a place there is no accident. */
const proves =
  (hashes: readonly number[]) =>
  ({ index, matched }: ResumePlace): boolean =>
    matched >= SURE && new Set(hashes.slice(index - SURE, index)).size === SURE;

/** Where a tick goes: with the others of its symbol, or to those that were set aside. No symbol has a space in it. */
const placeOf = (symbol: string, hash: number, refused: RefusedTicks): string =>
  refused.has(symbol, hash) ? `${symbol} refused` : symbol;

/** Leaves out so many of the first ticks of each place. */
export class Skips {
  readonly #left: Map<string, number>;
  readonly #refused: RefusedTicks;

  constructor(counts: ReadonlyMap<string, number>, refused: RefusedTicks) {
    this.#left = new Map(counts);
    this.#refused = refused;
  }

  /** The same, to be asked from the first tick on once more. */
  again(): Skips {
    return new Skips(this.#left, this.#refused);
  }

  /** How many are left to be left out, by place. */
  get left(): ReadonlyMap<string, number> {
    return this.#left;
  }

  /** Whether nothing is left to be left out. */
  get none(): boolean {
    return this.#left.size === 0;
  }

  /** Whether this tick is left out; to be asked once for each, in order. */
  skips({ symbol, hash }: TapeTick): boolean {
    if (symbol === null) return false;
    const place = placeOf(symbol, hash, this.#refused);
    const count = this.#left.get(place);
    if (count === undefined) return false;
    if (count === 1) this.#left.delete(place);
    else this.#left.set(place, count - 1);
    return true;
  }
}
