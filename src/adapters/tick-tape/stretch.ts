import { StateMachine } from '../../domain/base/state-machine.ts';
import {
  isWeak,
  mayBeChance,
  overlapIndex,
  type ResumePlace,
  resumePlace,
  SURE,
  TAIL,
} from '../../domain/tape/tape-alignment.ts';
import type { FilledTick, GapEdges, TailBefore } from './gap-edges.ts';

/** What the clocks of server and subscriber may differ by. */
export const CLOCK_SKEW_MS = 5_000;
/**
 * How far before a gap its symbols' last payloads are looked for. An equal one may have been published in the gap, which a subscriber whose
 * clock is ahead takes for one before it: `CLOCK_SKEW_MS`; what was received so long before that, by that clock, may be it, and stands as
 * long before that again in the stream if it is not.
 */
const LOOK_BACK_MS = 3 * CLOCK_SKEW_MS + 1_000;
/** Where the reading of a stream begins for a gap that begins at `from` (epoch milliseconds). */
export const startOf = (from: number, marginMs: number): number =>
  Math.max(0, Math.floor(from - Math.max(marginMs, LOOK_BACK_MS)));
/** A publisher that writes the stream after the message may take so long for it. */
const STREAM_LAG_MS = 100;
/** Entries of one symbol among which the place where it goes on is sought. */
const WINDOW = 200_000;
/** From so many on what was received since is sought before the end is read: to look at each page would take the square of their number. */
const MANY = 10_000;

/**
 * `seeking`: where the stream goes on from what was received before the gap. `reading`: what follows from there. `whole`: up to what
 * was received since, all that is missing was given. `lost`: where it goes on, or where it ends, cannot be told.
 */
type StretchState = 'seeking' | 'reading' | 'whole' | 'lost';

/** One symbol's stretch of a stream, from before a gap to after it. */
export class Stretch {
  readonly #symbol: string;
  readonly #gap: GapEdges;
  readonly #marginMs: number;
  readonly #state: StateMachine<StretchState>;
  #window: FilledTick[] = [];
  /** Entries of the window that were read after those that may be missing, so that what was received since is found among them. */
  #beyond = 0;
  #anchored = false;
  /** Whether nothing that was read up to now can be received any more. */
  #missed = false;
  /** Entries of the window when it was last looked through for what was received since. */
  #looked = 0;

  /** `marginMs`: how far clocks may differ and deliveries may lag. */
  constructor(symbol: string, gap: GapEdges, marginMs: number) {
    this.#symbol = symbol;
    this.#gap = gap;
    this.#marginMs = marginMs;
    this.#state = new StateMachine<StretchState>(`the stretch of ${symbol}`, 'seeking', {
      seeking: ['reading', 'lost'],
      reading: ['whole', 'lost'],
      whole: [],
      lost: [],
    });
  }

  get state(): StretchState {
    return this.#state.state;
  }

  /** Whether the last payloads before the gap were found in the stream: then nothing after them was trimmed away. */
  get anchored(): boolean {
    return this.#anchored;
  }

  /** The next entry of the stream. `beyond`: it was published after all that may be missing, unless something received since stands behind it. */
  take(tick: FilledTick, beyond: boolean): void {
    if (!this.#state.is('seeking', 'reading')) return;
    this.#window.push(tick);
    if (beyond) this.#beyond += 1;
  }

  /**
   * Drops what was received before the gap, once the stream was read so far that the end of that is in it. `reached` and `oldest`, when the
   * oldest entry was published that the stream still has: epoch milliseconds.
   */
  seek(reached: number, oldest: number): void {
    const { from, tails } = this.#gap;
    // What is proven may lie far before what was received last.
    const last = Math.max(from, tails.get(this.#symbol)?.receivedAt ?? 0);
    if (!this.#state.is('seeking') || reached <= last + this.#marginMs) return;
    const at = this.#beginning(oldest);
    if (at === null) return this.#lose();
    this.#state.to('reading');
    this.#window = this.#window.slice(at);
  }

  /** Where it goes on in the window; null where that cannot be told. */
  #beginning(oldest: number): number | null {
    const { from, tails } = this.#gap;
    const tail = tails.get(this.#symbol);
    // Nothing of it was ever received: then all is missing that was published since everything was received for certain.
    if (tail === undefined || tail.hashes.length === 0) {
      const at = this.#window.findIndex(({ ms }) => ms >= from - CLOCK_SKEW_MS);
      return at === -1 ? this.#window.length : at;
    }
    const place = resumePlace(
      this.#window.map(({ hash }) => hash),
      tail.hashes,
      // Nothing is received before it was published.
      (end) => tail.receivedAt === 0 || this.#window[end - 1]!.ms <= tail.receivedAt + this.#marginMs,
    );
    if (place !== null) {
      if (this.#isOther(place, tail, oldest)) return null;
      this.#anchored = true;
      return place.index;
    }
    // A symbol that was quiet before the gap has its last payload before the window: all of the window is missing.
    const isLongQuiet = tail.receivedAt > 0 && tail.receivedAt < from - LOOK_BACK_MS - CLOCK_SKEW_MS;
    return isLongQuiet || this.#begins(tail, oldest) ? 0 : null;
  }

  /** Whether the last one received stands before the window, for certain: the stream has what it held where that begins, and it is not in it. */
  #begins({ hashes, receivedAt }: TailBefore, oldest: number): boolean {
    if (oldest > startOf(this.#gap.from, this.#marginMs)) return false;
    const last = hashes.at(-1);
    return !this.#window.some(
      ({ hash, ms }) => hash === last && (receivedAt === 0 || ms <= receivedAt + this.#marginMs),
    );
  }

  /** Whether what stands first in the window may be another, equal payload, since the one that was received last stood before it. */
  #isOther(place: ResumePlace, { hashes, receivedAt }: TailBefore, oldest: number): boolean {
    if (!isWeak(place, hashes)) return false;
    const isLater = this.#window[place.index - 1]!.ms > receivedAt + STREAM_LAG_MS;
    const window = this.#window.map(({ hash }) => hash);
    const isKnownToRepeat = mayBeChance(place, hashes, window);
    return receivedAt <= oldest + CLOCK_SKEW_MS ? isLater || isKnownToRepeat : isLater && isKnownToRepeat;
  }

  /** Takes out what was published before this moment: too early to have been received since the gap. */
  publishedBefore(ms: number): FilledTick[] {
    if (!this.#state.is('reading')) return [];
    const end = this.#window.findIndex((tick) => tick.ms >= ms);
    return this.#window.splice(0, end === -1 ? this.#window.length : end);
  }

  /** What is missing, once all of the first payloads received since have been read: a long stream is not kept in memory. */
  met(): FilledTick[] {
    if (!this.#state.is('reading') || this.#window.length < Math.max(MANY, 2 * this.#looked)) return [];
    this.#looked = this.#window.length;
    const live = this.#gap.heads.get(this.#symbol)?.hashes.slice(0, TAIL) ?? [];
    const end = live.length < SURE ? null : this.#meeting(live);
    if (end !== null && end + live.length <= this.#window.length) return this.#finish(end);
    if (this.#window.length > WINDOW) this.#lose();
    return [];
  }

  /** Whether entries remain that may yet be received: published about when everything began to be received again, and nothing of the symbol was since. */
  undecided(): boolean {
    const last = this.#window.at(-1);
    if (!this.#state.is('reading') || last === undefined || this.#gap.until !== null) return false;
    return !this.#gap.heads.has(this.#symbol) && last.ms >= this.#gap.asked - CLOCK_SKEW_MS;
  }

  /**
   * Everything was received that had been published when the window was read. Where that is nothing of the symbol, what comes from now on is
   * none of the window, however equal.
   */
  nothingCame(): void {
    if (!this.#gap.heads.has(this.#symbol)) this.#missed = true;
  }

  /** Whether it is clear what was received since only if the stream has that by now: it was received after `since` (epoch milliseconds). */
  isEarly(since: number): boolean {
    const head = this.#gap.heads.get(this.#symbol);
    if (!this.#state.is('reading') || this.#missed || head === undefined || head.receivedAt < since) return false;
    return this.#meeting(head.hashes, true) === null;
  }

  /**
   * What is missing of a stretch that was read to its end, which was asked for at `askedAt`. What was received after `since` may stand behind
   * that end. Both in epoch milliseconds.
   */
  rest(askedAt: number, since: number): FilledTick[] {
    if (!this.#state.is('reading')) return [];
    const head = this.#gap.heads.get(this.#symbol);
    if (head === undefined || this.#missed)
      return this.#finish(Math.min(this.#next(), this.#window.length - this.#beyond));
    const end = this.#meeting(head.hashes, head.receivedAt >= since);
    if (end !== null) return this.#finish(end);
    // Received after the stream's end was asked for: it may well stand behind it.
    if (head.receivedAt >= askedAt && !this.#window.some(({ hash }) => hash === head.hashes[0]))
      return this.#finish(this.#window.length);
    this.#lose();
    return [];
  }

  /**
   * Where the next gap takes over, while nothing was received since this one. What was published about when that begins may belong to
   * either: to the next one, where it was received after that, or may be yet.
   */
  #next(): number {
    const { until, receivedNext } = this.#gap;
    if (until === null) return this.#window.length;
    const received = new Set(receivedNext(this.#symbol));
    const isNext = ({ ms, hash }: FilledTick): boolean =>
      ms >= until || (ms >= until - CLOCK_SKEW_MS && received.has(hash));
    const next = this.#window.findIndex(isNext);
    return next === -1 ? this.#window.length : next;
  }

  /**
   * Where the window runs into what was received since; null where it does not, or may in several places. `behind`: all of what was received
   * may stand behind the window, unless that ends with what is received for certain.
   */
  #meeting(live: readonly number[], behind = false): number | null {
    const hashes = this.#window.map(({ hash }) => hash);
    // What was published well before everything was received again cannot be the first that was received since.
    const possible = (at: number): boolean => this.#window[at]!.ms >= this.#gap.asked - this.#marginMs;
    return overlapIndex(hashes, live, possible, behind && this.#beyond === 0);
  }

  #finish(end: number): FilledTick[] {
    this.#state.to('whole');
    const missing = this.#window.slice(0, end);
    this.#window = [];
    return missing;
  }

  #lose(): void {
    this.#state.to('lost');
    this.#window = [];
  }
}
