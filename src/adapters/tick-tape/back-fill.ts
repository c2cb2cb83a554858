import { symbolOfTopic, tickTopic } from '../../domain/symbol.ts';
import { overlapIndex, payloadHash, resumeIndex } from '../../domain/tape-alignment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Entry, EntryStream } from '../../ports/entry-stream.ts';

const PAGE = 2_000;
/** What the clocks of server and subscriber may differ by. */
const CLOCK_SKEW_MS = 5_000;

/** The end of a symbol's tape before a gap. */
export interface TailBefore {
  /** Hashes, oldest first. */
  readonly hashes: readonly number[];
  /** Epoch milliseconds; 0 where unknown. */
  readonly receivedAt: number;
}

/** What was received around a gap: what the stream is held against. */
export interface GapContext {
  /** Epoch milliseconds of the last certain receipt; null on a first run. */
  readonly from: number | null;
  /** The last payloads before the gap, by symbol. */
  readonly tails: ReadonlyMap<string, TailBefore>;
  /** Hashes of the first payloads after the gap, by symbol; still growing. */
  readonly heads: ReadonlyMap<string, readonly number[]>;
}

/** A payload of the stream that pub/sub did not deliver. */
export interface FilledTick {
  readonly symbol: string;
  readonly payload: Buffer;
  readonly hash: number;
}

export interface BackFillOptions {
  /** `v2`: the streams are `v2:ticks:l1` (all symbols) and `v2:ticks:<SYMBOL>`. */
  readonly prefix: string;
  /** How far clocks may differ and deliveries may lag, in milliseconds. */
  readonly marginMs: number;
  /** How long after the subscription began the stream's end is taken, so that what was on its way has arrived. */
  readonly settleMs: number;
}

interface Recorded extends FilledTick {
  readonly ms: number;
}

/** A symbol's stretch of the stream, from before the gap to after it. */
interface Stretch {
  window: Recorded[];
  sought: boolean;
  lost: boolean;
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
    for (const symbol of await fillFrom(streams, stream, from, gap, options, give, signal)) whole.add(symbol);
  }
  return whole;
}

async function fillFrom(
  streams: EntryStream,
  stream: string,
  from: number,
  gap: GapContext,
  options: BackFillOptions,
  give: (ticks: readonly FilledTick[]) => Promise<void>,
  signal: AbortSignal,
): Promise<string[]> {
  const [last] = await streams.newest(stream, 1);
  const [first] = await streams.range(stream, '-', '+', 1);
  if (last === undefined || first === undefined) return [];
  const overlap = msOf(last.id) - options.settleMs - options.marginMs;
  const stretches = new Map<string, Stretch>();
  let cursor = String(Math.max(0, Math.floor(from - options.marginMs)));
  for (;;) {
    const page = await streams.range(stream, cursor, last.id, PAGE);
    for (const entry of page) take(entry, stream, stretches);
    const reached = page.length < PAGE ? Number.POSITIVE_INFINITY : msOf(page[page.length - 1]!.id);
    for (const [symbol, stretch] of stretches) {
      if (!stretch.sought && reached > from + options.marginMs) seek(symbol, stretch, from, gap, options);
      if (stretch.sought && !stretch.lost) await give(splitOff(stretch, overlap));
    }
    if (page.length < PAGE || signal.aborted) break;
    cursor = `(${page[page.length - 1]!.id}`;
  }
  // A stream cut to a length may have lost what was published first in the gap.
  const complete = msOf(first.id) <= from - Math.min(options.marginMs, CLOCK_SKEW_MS);
  const whole: string[] = [];
  for (const [symbol, stretch] of stretches) {
    if (stretch.lost || signal.aborted) continue;
    const end = overlapIndex(
      stretch.window.map((r) => r.hash),
      0,
      gap.heads.get(symbol) ?? [],
    );
    if (end === null) continue;
    await give(stretch.window.slice(0, end));
    if (complete || gap.tails.has(symbol)) whole.push(symbol);
  }
  // Nothing recorded of a symbol, in a stream that reaches back far enough, means that nothing was published of it.
  if (complete && !signal.aborted)
    for (const symbol of gap.tails.keys()) if (!stretches.has(symbol) && holds(stream, symbol)) whole.push(symbol);
  return whole;
}

const holds = (stream: string, symbol: string): boolean => [null, symbol].includes(symbolOfStream(stream));

function take(entry: Entry, stream: string, stretches: Map<string, Stretch>): void {
  const payload = entry.fields.j;
  const symbol = entry.fields.symbol?.toString() ?? symbolOfStream(stream) ?? symbolIn(payload);
  if (payload === undefined || symbol === null || symbolOfTopic(tickTopic(symbol)) === null) return;
  let stretch = stretches.get(symbol);
  if (stretch === undefined) {
    stretch = { window: [], sought: false, lost: false };
    stretches.set(symbol, stretch);
  }
  stretch.window.push({ symbol, payload, hash: payloadHash(payload), ms: msOf(entry.id) });
}

/** Drops from the window what was received before the gap. */
function seek(symbol: string, stretch: Stretch, from: number, gap: GapContext, options: BackFillOptions): void {
  const tail = gap.tails.get(symbol);
  // A symbol never seen before began in the gap: all that was published of it since is missing.
  const at =
    tail === undefined || tail.hashes.length === 0
      ? stretch.window.findIndex((r) => r.ms >= from)
      : resume(stretch, tail, from - options.marginMs);
  stretch.sought = true;
  stretch.lost = at === null;
  stretch.window = at === null || at === -1 ? [] : stretch.window.slice(at);
}

function resume(stretch: Stretch, tail: TailBefore, windowFrom: number): number | null {
  const at = resumeIndex(
    stretch.window.map((r) => r.hash),
    tail.hashes,
  );
  // A symbol that was quiet before the gap has its last payload before the window: all of the window is missing.
  return at === null && tail.receivedAt > 0 && tail.receivedAt < windowFrom ? 0 : at;
}

/** Takes out what was published too early to have been received since the gap. */
function splitOff(stretch: Stretch, overlap: number): Recorded[] {
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
