import { symbolOfTopic, tickTopic } from '../../domain/symbol.ts';
import { payloadHash } from '../../domain/tape-alignment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Entry, EntryStream } from '../../ports/entry-stream.ts';
import type { FilledTick, GapEdges } from './gap-edges.ts';
import type { RefusedTicks } from './refused-ticks.ts';
import { CLOCK_SKEW_MS, Stretch, startOf } from './stretch.ts';

const PAGE = 2_000;
/** A publisher that writes the stream first may take so long until it publishes on the channel. */
const PUBLISH_LAG_MS = 2_000;

export interface BackFillNeeds {
  readonly streams: EntryStream;
  readonly clock: Clock;
  /** Takes ticks that were missing, in order. */
  readonly give: (ticks: readonly FilledTick[]) => Promise<void>;
  /** Resolves once everything has been received that was published before this moment (epoch milliseconds), or the subscription was lost. */
  readonly receivedThrough: (moment: number) => Promise<void>;
  /** What was delivered already, and set aside. */
  readonly refused: Pick<RefusedTicks, 'first' | 'had'>;
  readonly signal: AbortSignal;
}

export interface BackFillOptions {
  /** `v2`: the streams are `v2:ticks:l1` (all symbols) and `v2:ticks:<SYMBOL>`. */
  readonly prefix: string;
  /** How far clocks may differ, in milliseconds. */
  readonly marginMs: number;
  /** How far clocks may differ and deliveries may lag, in milliseconds. */
  readonly lagMs: number;
  /** How long after the subscription began the stream's end is taken, so that what was on its way has arrived. */
  readonly settleMs: number;
}

/** What a back-fill has come to know. */
export interface BackFilled {
  /** Symbols of which every entry of the gap was received, or given. */
  readonly whole: ReadonlySet<string>;
  /** Symbols that have entries about the gap, of which some may be missing. */
  readonly lacking: ReadonlySet<string>;
  /** Whether the streams hold everything that was published in the gap, so that a symbol that is not in them has no tick in it. */
  readonly complete: boolean;
  /** Id of an entry that belongs to no symbol, so that it could not be filled in; null where each does. */
  readonly anonymous: string | null;
}

/**
 * Reads from Redis Streams what was published in a gap. For each symbol it finds where the stream goes on from the last payloads
 * received, and where it runs into the first ones received since: what lies between is missing, and is given in order.
 * Rejects with `redis.unavailable` (retry from the start, unless something was given).
 */
export async function backFill(needs: BackFillNeeds, gap: GapEdges, options: BackFillOptions): Promise<BackFilled> {
  const { streams, clock, signal } = needs;
  await clock.sleep(options.settleMs, signal);
  const all = allTicks(options.prefix);
  const [newest] = await streams.newest(all, 1);
  const sources =
    newest === undefined ? (await streams.streams(`${options.prefix}:ticks:*`)).filter((name) => name !== all) : [all];
  const whole = new Set<string>();
  const lacking = new Set<string>();
  let complete = sources.length > 0;
  let anonymous: string | null = null;
  for (const stream of sources) {
    const filled = await new StreamFill(needs, gap, options, stream).run();
    for (const symbol of filled.whole) whole.add(symbol);
    for (const symbol of filled.lacking) lacking.add(symbol);
    complete &&= filled.complete;
    anonymous ??= filled.anonymous;
  }
  return { whole, lacking, complete, anonymous };
}

/** One stream's part of a back-fill. */
class StreamFill {
  readonly #needs: BackFillNeeds;
  readonly #gap: GapEdges;
  readonly #options: BackFillOptions;
  readonly #stream: string;
  readonly #stretches = new Map<string, Stretch>();
  #anonymous: string | null = null;
  /** How many entries were left out as set aside, by symbol and payload. */
  readonly #equal = new Map<string, number>();
  /** Of what was published before this moment (epoch milliseconds), every one that may have been left out was counted, or received. */
  #knownUntil: number;
  /** Symbols of which one was left out that may be another. */
  readonly #doubtful = new Set<string>();
  /** Whether nothing was trimmed away ahead of the reading. */
  #unbroken = true;
  /** Whether the stream reaches back to before the gap. */
  #reachesBack = false;
  /** When the oldest entry was published that it still has (epoch milliseconds). */
  #oldest = Number.POSITIVE_INFINITY;

  constructor(needs: BackFillNeeds, gap: GapEdges, options: BackFillOptions, stream: string) {
    this.#needs = needs;
    this.#gap = gap;
    this.#options = options;
    this.#stream = stream;
    this.#knownUntil = gap.from - CLOCK_SKEW_MS;
  }

  async run(): Promise<BackFilled> {
    const { streams, clock, signal } = this.#needs;
    const [last] = await streams.newest(this.#stream, 1);
    const answered = { now: clock.now(), monotonic: clock.monotonic() };
    if (last === undefined) return { whole: new Set(), lacking: new Set(), complete: false, anonymous: null };
    const start = String(startOf(this.#gap.from, this.#options.marginMs));
    await this.#countRefused(start);
    await this.#read(start, last, false);
    if (!signal.aborted) await this.#receiveAll(answered);
    const askedAt = await this.#readOn(last);
    const complete = this.#unbroken && this.#reachesBack && this.#anonymous === null && !signal.aborted;
    const whole = await this.#finish(askedAt, complete);
    for (const symbol of this.#doubtful) whole.delete(symbol);
    const seen = [...this.#stretches.keys(), ...this.#doubtful];
    const lacking = new Set(seen.filter((symbol) => !whole.has(symbol)));
    return { whole, lacking, complete, anonymous: this.#anonymous };
  }

  /**
   * What was received meanwhile is found in the stream only if that is read as far: one payload alone may be there twice. When it asked where
   * the stream ends (epoch milliseconds).
   */
  async #readOn(last: Entry): Promise<number> {
    const { streams, clock, signal } = this.#needs;
    const { settleMs } = this.#options;
    for (let reached = last, first = true; ; first = false) {
      const askedAt = clock.now();
      const [end = reached] = await streams.newest(this.#stream, 1);
      if (end.id !== reached.id) await this.#read(`(${reached.id}`, end, true);
      const stretches = [...this.#stretches.values()];
      if (!first || signal.aborted || !stretches.some((each) => each.isEarly(askedAt - settleMs))) return askedAt;
      // Its publisher may write the stream after the message.
      await clock.sleep(2 * settleMs, signal);
      reached = end;
    }
  }

  /** Reads the stream up to `last`, giving what is surely missing. */
  async #read(start: string, last: Entry, beyond: boolean): Promise<void> {
    const { streams, signal } = this.#needs;
    const { marginMs, settleMs } = this.#options;
    const overlap = Math.min(msOf(last.id) - settleMs, this.#gap.asked) - marginMs;
    for (let cursor = start; ; ) {
      const page = await streams.range(this.#stream, cursor, last.id, PAGE);
      if (cursor === start && !beyond) await this.#lookAtBegin();
      else if (!(await this.#holds(cursor.slice(1)))) this.#unbroken = false;
      for (const entry of page) this.#take(entry, beyond);
      const over = page.length < PAGE;
      const reached = over ? Number.POSITIVE_INFINITY : msOf(page[page.length - 1]!.id);
      for (const stretch of this.#stretches.values()) {
        stretch.seek(reached, this.#oldest);
        if (!beyond) await this.#give(stretch.publishedBefore(overlap));
        if (!beyond) await this.#give(stretch.met());
      }
      if (over || signal.aborted) return;
      cursor = `(${page[page.length - 1]!.id}`;
    }
  }

  /** Counts those that were set aside and stand before `start`: equal ones behind it may be the same, or others. */
  async #countRefused(start: string): Promise<void> {
    const { refused, streams, signal } = this.#needs;
    const first = refused.first(Number(start));
    if (first === null) return;
    const from = Math.max(0, Math.floor(first - this.#options.lagMs));
    const [oldest] = await streams.range(this.#stream, '-', '+', 1);
    if (oldest !== undefined && msOf(oldest.id) <= from) this.#knownUntil = Number.POSITIVE_INFINITY;
    for (let cursor = String(from); !signal.aborted; ) {
      const page = await streams.range(this.#stream, cursor, `(${start}`, PAGE);
      for (const entry of page) {
        const tick = this.#tickOf(entry);
        if (tick !== null) this.#refusal(tick);
      }
      if (page.length < PAGE) break;
      cursor = `(${page[page.length - 1]!.id}`;
    }
  }

  async #give(ticks: readonly FilledTick[]): Promise<void> {
    if (ticks.length > 0) await this.#needs.give(ticks);
  }

  /** Looks whether the stream, as it is now, has all of the gap: one cut to a length may have lost what was published first in it. */
  async #lookAtBegin(): Promise<void> {
    const { begin, from } = this.#gap;
    const [first] = await this.#needs.streams.range(this.#stream, '-', '+', 1);
    if (first === undefined) return;
    this.#oldest = msOf(first.id);
    this.#reachesBack = first.id === begin || this.#oldest <= from - Math.min(this.#options.marginMs, CLOCK_SKEW_MS);
  }

  /** Whether the entry is still there: where it is not, others behind it may have been trimmed away unread. */
  async #holds(id: string): Promise<boolean> {
    return (await this.#needs.streams.range(this.#stream, id, id, 1)).length > 0;
  }

  /** Waits until what the stream held when it was asked has been received, as far as it will be. */
  async #receiveAll(answered: { readonly now: number; readonly monotonic: number }): Promise<void> {
    const { clock, receivedThrough } = this.#needs;
    await receivedThrough(answered.now);
    const stretches = [...this.#stretches.values()];
    if (!stretches.some((stretch) => stretch.undecided())) return;
    await receivedThrough(answered.now + PUBLISH_LAG_MS);
    // Where nobody tells what was received, nobody waited.
    if (clock.monotonic() - answered.monotonic >= PUBLISH_LAG_MS)
      for (const stretch of stretches) stretch.nothingCame();
  }

  async #finish(askedAt: number, complete: boolean): Promise<Set<string>> {
    const { signal } = this.#needs;
    const { tails, heads } = this.#gap;
    const whole = new Set<string>();
    for (const [symbol, stretch] of this.#stretches) {
      if (signal.aborted) break;
      await this.#give(stretch.rest(askedAt, askedAt - this.#options.settleMs));
      const isKnown = stretch.anchored && this.#unbroken && this.#anonymous === null;
      if (stretch.state === 'whole' && (complete || isKnown)) whole.add(symbol);
    }
    if (!complete || signal.aborted) return whole;
    // Nothing recorded of a symbol, in a stream that reaches back far enough, means that nothing was published of it; unless it was
    // received since, and the stream still has nothing of it: then its publisher does not write the stream.
    for (const symbol of new Set([...tails.keys(), ...heads.keys()])) {
      const received = heads.get(symbol);
      if (this.#stretches.has(symbol) || !this.#covers(symbol)) continue;
      if (received === undefined || received.receivedAt >= askedAt) whole.add(symbol);
    }
    return whole;
  }

  /** Whether an entry was set aside, which counts it; to be asked once for each, in order. */
  #refusal(tick: FilledTick): 'yes' | 'no' | 'perhaps' {
    const key = `${tick.symbol} ${tick.hash}`;
    const nth = (this.#equal.get(key) ?? 0) + 1;
    const was = this.#needs.refused.had(tick.symbol, tick.hash, tick.ms, nth, this.#knownUntil);
    if (was !== 'no') this.#equal.set(key, nth);
    return was;
  }

  #covers(symbol: string): boolean {
    return [null, symbol].includes(symbolOfStream(this.#stream));
  }

  /** Null where it has no payload, or no symbol of whose ticks a subscriber would have heard. */
  #tickOf({ id, fields }: Entry): FilledTick | null {
    const payload = fields.j;
    if (payload === undefined) return null;
    const symbol = fields.symbol?.toString() ?? symbolOfStream(this.#stream) ?? symbolIn(payload);
    // It may be of any symbol, and whether it was received cannot be told.
    if (symbol === null && msOf(id) >= this.#gap.from - CLOCK_SKEW_MS) this.#anonymous ??= id;
    if (symbol === null || symbolOfTopic(tickTopic(symbol)) === null) return null;
    return { symbol, payload, hash: payloadHash(payload), ms: msOf(id) };
  }

  #take(entry: Entry, beyond: boolean): void {
    const tick = this.#tickOf(entry);
    if (tick === null) return;
    const refusal = this.#refusal(tick);
    // Where it is not certain that it is the one that was set aside, its symbol may lack it.
    if (refusal === 'perhaps') this.#doubtful.add(tick.symbol);
    if (refusal !== 'no') return;
    let stretch = this.#stretches.get(tick.symbol);
    if (stretch === undefined) {
      stretch = new Stretch(tick.symbol, this.#gap, this.#options.marginMs);
      this.#stretches.set(tick.symbol, stretch);
    }
    stretch.take(tick, beyond);
  }
}

/** The stream of all symbols. */
export const allTicks = (prefix: string): string => `${prefix}:ticks:l1`;

const msOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

const symbolOfStream = (stream: string): string | null => {
  const name = stream.slice(stream.lastIndexOf(':') + 1);
  return name === 'l1' ? null : name;
};

function symbolIn(payload: Buffer | undefined): string | null {
  try {
    const { symbol } = JSON.parse(payload?.toString() ?? '') as { symbol?: unknown };
    return typeof symbol === 'string' ? symbol : null;
  } catch {
    // The caller tells of entries without a symbol.
    return null;
  }
}
