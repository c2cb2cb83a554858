import { symbolOfTopic, tickTopic } from '../../domain/symbol.ts';
import { overlapIndex, payloadHash, resumeIndex, SURE, TAIL } from '../../domain/tape-alignment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Entry, EntryStream } from '../../ports/entry-stream.ts';

const PAGE = 2_000;
/** What the clocks of server and subscriber may differ by. */
const CLOCK_SKEW_MS = 5_000;
/** Entries of one symbol among which the place where it goes on is sought. */
const WINDOW = 200_000;

/** The end of a symbol's tape before a gap. */
export interface TailBefore {
  /** Hashes, oldest first. */
  readonly hashes: readonly number[];
  /** Of the last of them: epoch milliseconds; 0 where unknown. */
  readonly receivedAt: number;
}

/** The beginning of a symbol's tape after a gap; still growing. */
export interface HeadAfter {
  /** Hashes, oldest first. */
  readonly hashes: readonly number[];
  /** Of the first of them: epoch milliseconds. */
  readonly receivedAt: number;
}

/** What was received around a gap: what the stream is held against. */
export interface GapContext {
  /** Epoch milliseconds of the last certain receipt; null on a first run. */
  readonly from: number | null;
  /** Since when everything is received again (epoch milliseconds). */
  readonly to: number;
  /** Where the next gap begins (epoch milliseconds); null while there is none. */
  readonly until: number | null;
  /** The last payloads before the gap, by symbol. */
  readonly tails: ReadonlyMap<string, TailBefore>;
  /** The first payloads after the gap, by symbol; they end where the next gap begins. */
  readonly heads: ReadonlyMap<string, HeadAfter>;
}

/** A payload of the stream that pub/sub did not deliver. */
export interface FilledTick {
  readonly symbol: string;
  readonly payload: Buffer;
  readonly hash: number;
  /** When it was published (epoch milliseconds). */
  readonly ms: number;
}

export interface BackFillOptions {
  /** `v2`: the streams are `v2:ticks:l1` (all symbols) and `v2:ticks:<SYMBOL>`. */
  readonly prefix: string;
  /** How far clocks may differ and deliveries may lag, in milliseconds. */
  readonly marginMs: number;
  /** How long after the subscription began the stream's end is taken, so that what was on its way has arrived. */
  readonly settleMs: number;
}

/** A symbol's stretch of the stream, from before the gap to after it. */
interface Stretch {
  window: FilledTick[];
  sought: boolean;
  /** `lost`: where it goes on cannot be told. */
  state: 'reading' | 'whole' | 'lost';
}

const msOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

/**
 * Reads from Redis Streams what was published in a gap. For each symbol it finds where the stream goes on from the last payloads
 * received, and where it runs into the first ones received since: what lies between is missing, and is given to `give` in order.
 * Resolves with the symbols whose gap is now whole. Rejects with `redis.unavailable` (retry from the start, unless something was given).
 */
export async function backFill(
  streams: EntryStream,
  gap: GapContext,
  clock: Clock,
  options: BackFillOptions,
  give: (ticks: readonly FilledTick[]) => Promise<void>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const { from } = gap;
  if (from === null) return new Set();
  await clock.sleep(options.settleMs, signal);
  const all = `${options.prefix}:ticks:l1`;
  const [newest] = await streams.newest(all, 1);
  const whole = new Set<string>();
  const sources =
    newest === undefined ? (await streams.streams(`${options.prefix}:ticks:*`)).filter((name) => name !== all) : [all];
  for (const stream of sources) {
    for (const symbol of await fillFrom(streams, stream, from, gap, clock, options, give, signal)) whole.add(symbol);
  }
  return whole;
}

async function fillFrom(
  streams: EntryStream,
  stream: string,
  from: number,
  gap: GapContext,
  clock: Clock,
  options: BackFillOptions,
  give: (ticks: readonly FilledTick[]) => Promise<void>,
  signal: AbortSignal,
): Promise<string[]> {
  const askedAt = clock.now();
  const [last] = await streams.newest(stream, 1);
  const [first] = await streams.range(stream, '-', '+', 1);
  if (last === undefined || first === undefined) return [];
  const overlap = Math.min(msOf(last.id) - options.settleMs, gap.to) - options.marginMs;
  const stretches = new Map<string, Stretch>();
  let cursor = String(Math.max(0, Math.floor(from - options.marginMs)));
  for (;;) {
    const page = await streams.range(stream, cursor, last.id, PAGE);
    for (const entry of page) take(entry, stream, stretches);
    const reached = page.length < PAGE ? Number.POSITIVE_INFINITY : msOf(page[page.length - 1]!.id);
    for (const [symbol, stretch] of stretches) {
      if (!stretch.sought && reached > from + options.marginMs) seek(symbol, stretch, from, gap, options);
      if (!stretch.sought || stretch.state !== 'reading') continue;
      await give(splitOff(stretch, overlap));
      await give(met(stretch, gap.heads.get(symbol), gap, options));
    }
    if (page.length < PAGE || signal.aborted) break;
    cursor = `(${page[page.length - 1]!.id}`;
  }
  // A stream cut to a length may have lost what was published first in the gap.
  const complete = msOf(first.id) <= from - Math.min(options.marginMs, CLOCK_SKEW_MS);
  const whole: string[] = [];
  for (const [symbol, stretch] of stretches) {
    if (signal.aborted) break;
    if (stretch.state === 'reading') await give(rest(stretch, gap.heads.get(symbol), gap, askedAt, options));
    if (stretch.state === 'whole' && (complete || gap.tails.has(symbol))) whole.push(symbol);
  }
  // Nothing recorded of a symbol, in a stream that reaches back far enough, means that nothing was published of it.
  if (complete && !signal.aborted)
    for (const symbol of gap.tails.keys()) if (!stretches.has(symbol) && holds(stream, symbol)) whole.push(symbol);
  return whole;
}

/** What comes before the first payloads received since, once all of those have been read: a long stream is not kept in memory. */
function met(stretch: Stretch, head: HeadAfter | undefined, gap: GapContext, options: BackFillOptions): FilledTick[] {
  const live = head?.hashes.slice(0, TAIL) ?? [];
  const end = live.length < SURE ? null : meeting(stretch.window, live, gap, options);
  if (end !== null && end + live.length <= stretch.window.length) return finish(stretch, end);
  if (stretch.window.length > WINDOW) abandon(stretch);
  return [];
}

/** What is missing of a stretch that was read to its end. */
function rest(
  stretch: Stretch,
  head: HeadAfter | undefined,
  gap: GapContext,
  askedAt: number,
  options: BackFillOptions,
): FilledTick[] {
  const { window } = stretch;
  // What was published in the next gap is filled in there.
  if (head === undefined) {
    const next = gap.until === null ? -1 : window.findIndex((tick) => tick.ms >= gap.until! - CLOCK_SKEW_MS);
    return finish(stretch, next === -1 ? window.length : next);
  }
  const end = meeting(window, head.hashes, gap, options);
  if (end !== null) return finish(stretch, end);
  // Received after the stream's end was asked for: it may well stand behind it.
  if (head.receivedAt >= askedAt && !window.some(({ hash }) => hash === head.hashes[0]))
    return finish(stretch, window.length);
  abandon(stretch);
  return [];
}

function meeting(
  window: readonly FilledTick[],
  live: readonly number[],
  gap: GapContext,
  options: BackFillOptions,
): number | null {
  const hashes = window.map(({ hash }) => hash);
  // What was published well before everything was received again cannot be the first that was received since.
  return overlapIndex(hashes, live, (at) => window[at]!.ms >= gap.to - options.marginMs);
}

function finish(stretch: Stretch, end: number): FilledTick[] {
  const missing = stretch.window.slice(0, end);
  stretch.state = 'whole';
  stretch.window = [];
  return missing;
}

function abandon(stretch: Stretch): void {
  stretch.state = 'lost';
  stretch.window = [];
}

const holds = (stream: string, symbol: string): boolean => [null, symbol].includes(symbolOfStream(stream));

function take(entry: Entry, stream: string, stretches: Map<string, Stretch>): void {
  const payload = entry.fields.j;
  const symbol = entry.fields.symbol?.toString() ?? symbolOfStream(stream) ?? symbolIn(payload);
  if (payload === undefined || symbol === null || symbolOfTopic(tickTopic(symbol)) === null) return;
  let stretch = stretches.get(symbol);
  if (stretch === undefined) {
    stretch = { window: [], sought: false, state: 'reading' };
    stretches.set(symbol, stretch);
  }
  if (stretch.state === 'reading')
    stretch.window.push({ symbol, payload, hash: payloadHash(payload), ms: msOf(entry.id) });
}

/** Drops from the window what was received before the gap. */
function seek(symbol: string, stretch: Stretch, from: number, gap: GapContext, options: BackFillOptions): void {
  const tail = gap.tails.get(symbol);
  // A symbol never seen before began in the gap: all that was published of it since is missing.
  const at =
    tail === undefined || tail.hashes.length === 0
      ? stretch.window.findIndex((r) => r.ms >= from)
      : resume(stretch, tail, from, options);
  stretch.sought = true;
  if (at === null) abandon(stretch);
  else stretch.window = at === -1 ? [] : stretch.window.slice(at);
}

function resume(stretch: Stretch, tail: TailBefore, from: number, options: BackFillOptions): number | null {
  const { window } = stretch;
  const at = resumeIndex(
    window.map((r) => r.hash),
    tail.hashes,
    // Nothing is received before it was published.
    (end) => tail.receivedAt === 0 || window[end - 1]!.ms <= tail.receivedAt + options.marginMs,
  );
  // A symbol that was quiet before the gap has its last payload before the window: all of the window is missing.
  return at === null && tail.receivedAt > 0 && tail.receivedAt < from - options.marginMs ? 0 : at;
}

/** Takes out what was published too early to have been received since the gap. */
function splitOff(stretch: Stretch, overlap: number): FilledTick[] {
  let end = stretch.window.findIndex((r) => r.ms >= overlap);
  if (end === -1) end = stretch.window.length;
  return stretch.window.splice(0, end);
}

const symbolOfStream = (stream: string): string | null => {
  const name = stream.slice(stream.lastIndexOf(':') + 1);
  return name === 'l1' ? null : name;
};

function symbolIn(payload: Buffer | undefined): string | null {
  try {
    const { symbol } = JSON.parse(payload?.toString() ?? '') as { symbol?: unknown };
    return typeof symbol === 'string' ? symbol : null;
  } catch {
    // Without a symbol it went out on no tick channel: it is no part of any tape.
    return null;
  }
}
