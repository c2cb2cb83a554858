import { bar } from '../bar/bar.ts';
import { parseBar } from '../bar/bar-codec.ts';
import { parseDecimal } from '../base/decimal.ts';
import { MINUTE } from '../base/timeframe.ts';
import { type ErrorCode, PulseError } from '../errors/errors.ts';
import { EARLIEST_TS, LATEST_TS } from '../tick/tick.ts';
import { type SideBar, sideBar } from './parity-bar.ts';

const UNSAID = '0000000000000000';

/** A bar that stands on a side and cannot be read. Moments are epoch milliseconds. */
export interface UnreadableBar {
  /** `bars.EURUSD.1m/0@12`, a stream and an entry's id, or a key and which of its bars. */
  readonly place: string;
  readonly code: ErrorCode;
  readonly reason: string;
  /** The minute it says it is of, or its key does; null where that cannot be read either. */
  readonly start: number | null;
  /** Where it does not say: the minutes of the bars that stand before and after it; null: none does. */
  readonly after: number | null;
  readonly before: number | null;
  /** Prices that contradict one another; null where something else is wrong. */
  readonly prices: Prices | null;
}

export type Prices = Pick<SideBar, 'open' | 'high' | 'low' | 'close'>;

/** The bars that can be read, and those that cannot. Every one that was given is in one of the two lists. */
export interface ReadBars {
  readonly bars: SideBar[];
  readonly unreadable: UnreadableBar[];
}

/** A bar, or why it cannot be read. */
export type ReadBar = { readonly bar: SideBar } | { readonly unreadable: UnreadableBar };

/** What `read` gives, or why it cannot. `ts`: the moment it seems to be of, in epoch milliseconds. */
export function readBar(place: () => string, read: () => SideBar, ts: () => number): ReadBar {
  try {
    return { bar: read() };
  } catch (error) {
    if (!(error instanceof PulseError)) throw error;
    const { code, message: reason, evidence } = error;
    const prices = code === 'bar.range' ? (evidence as unknown as Prices) : null;
    const start = ts();
    return {
      unreadable: {
        place: place(),
        code,
        reason,
        start: isStart(start) ? start : null,
        after: null,
        before: null,
        prices,
      },
    };
  }
}

/** Sorts what was read, in the order in which it stands, into the two lists. */
export function readBars(read: readonly ReadBar[]): ReadBars {
  const bars: SideBar[] = [];
  const unreadable: UnreadableBar[] = [];
  const startOf = (each: ReadBar): number | null => ('bar' in each ? each.bar.start : each.unreadable.start);
  const next: (number | null)[] = [];
  for (let i = read.length - 1, found: number | null = null; i >= 0; i -= 1) {
    next[i] = found;
    found = startOf(read[i]!) ?? found;
  }
  let after: number | null = null;
  read.forEach((each, i) => {
    if ('bar' in each) bars.push(each.bar);
    else if (each.unreadable.start !== null) unreadable.push(each.unreadable);
    else unreadable.push({ ...each.unreadable, after, before: next[i]! });
    after = startOf(each) ?? after;
  });
  return { bars, unreadable };
}

const isStart = (ts: number): boolean =>
  Number.isSafeInteger(ts) && ts % MINUTE === 0 && ts >= EARLIEST_TS && ts < LATEST_TS;

/** The minute that the key of a record on a topic of bars names, in epoch milliseconds; NaN where it names none. */
export const startOfKey = (key: string | null): number => {
  const seconds = numberOf(key);
  return seconds >= 1e11 ? seconds : seconds * 1000;
};

/** Reads a record of the candidate's topic of one-minute bars. Rejects with `bar.not-json`, `bar.field` or `bar.range`. */
export function parseTopicBar(symbol: string, value: Buffer): SideBar {
  const read = parseBar(value);
  for (const [field, is, allowed] of [
    ['symbol', read.symbol, symbol],
    ['tf', read.tf, '1m'],
  ])
    if (is !== allowed) throw new PulseError('bar.field', { field, value: is, allowed: `${allowed}, as on its topic` });
  return sideBar(read);
}

/** Reads an entry of the incumbent's stream. What an older pipeline does not write (n, rev, digest, partial) is unknown. Rejects with `bar.field` or `bar.range`. */
export function parseStreamBar(symbol: string, entry: Readonly<Record<string, Buffer>>): SideBar {
  const text = (name: string): string | undefined => entry[name]?.toString();
  return sideBarOf(symbol, {
    start: startOfEntry(entry),
    open: numberOf(text('open')),
    high: numberOf(text('high')),
    low: numberOf(text('low')),
    close: numberOf(text('close')),
    volume: text('volume') ?? '0',
    n: text('n') === undefined ? null : numberOf(text('n')),
    rev: text('rev') === undefined ? 0 : numberOf(text('rev')),
    digest: text('digest') ?? null,
    partial: text('partial') === 'true',
  });
}

/** The minute that an entry of a stream of bars says it is of, in epoch milliseconds; NaN where it says none. */
export function startOfEntry({ ts, ts_on }: Readonly<Record<string, Buffer>>): number {
  return numberOf(ts?.toString()) * 1000 - (ts_on?.toString() === 'close' ? MINUTE : 0);
}

/**
 * Reads the older form, a JSON array of `{ts, o, h, l, c, v}` (or `open`, `high` …) or of `[ts, o, h, l, c, v]`; `ts` in epoch seconds
 * or milliseconds. One that is no bar is unreadable; so is the key, where it holds no array (`parity.bars.unreadable`).
 */
export function parseOlderBars(symbol: string, json: string, key: string): ReadBars {
  let items: unknown[];
  try {
    items = olderItems(json, key);
  } catch (error) {
    if (!(error instanceof PulseError)) throw error;
    const { code, message: reason } = error;
    return {
      bars: [],
      unreadable: [{ place: key, code, reason, start: null, after: null, before: null, prices: null }],
    };
  }
  return readBars(
    items.map((item, i) =>
      readBar(
        () => `${key}[${i}]`,
        () => olderBar(symbol, item),
        () => startOfItem(olderFields(item)),
      ),
    ),
  );
}

function olderItems(json: string, key: string): unknown[] {
  let items: unknown;
  try {
    // The source text keeps every digit of a volume.
    items = JSON.parse(json, (name, value, context?: { source?: string }) =>
      typeof value === 'number' && (name === 'v' || name === 'volume' || name === '5')
        ? (context?.source ?? value)
        : value,
    );
  } catch (cause) {
    throw new PulseError('parity.bars.unreadable', { key, reason: (cause as Error).message }, { cause });
  }
  if (!Array.isArray(items)) throw new PulseError('parity.bars.unreadable', { key, reason: 'it is not an array' });
  return items;
}

function olderFields(item: unknown): Record<string, unknown> {
  if (!Array.isArray(item)) return Object(item);
  const [ts, o, h, l, c, v] = item;
  return { ts, o, h, l, c, v };
}

function startOfItem(fields: Record<string, unknown>): number {
  const time = numberOf(fields.ts ?? fields.time ?? fields.t);
  return time >= 1e11 ? time : time * 1000;
}

function olderBar(symbol: string, item: unknown): SideBar {
  const fields = olderFields(item);
  const count = fields.n ?? null;
  return sideBarOf(symbol, {
    start: startOfItem(fields),
    open: numberOf(fields.o ?? fields.open),
    high: numberOf(fields.h ?? fields.high),
    low: numberOf(fields.l ?? fields.low),
    close: numberOf(fields.c ?? fields.close),
    volume: String(fields.v ?? fields.volume ?? '0'),
    n: count === null ? null : numberOf(count),
    rev: 0,
    digest: null,
    partial: fields.partial === true,
  });
}

const numberOf = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;

function sideBarOf(symbol: string, fields: Omit<SideBar, 'place'>): SideBar {
  const { n, digest } = fields;
  if (parseDecimal(fields.volume) === null)
    throw new PulseError('bar.field', { field: 'volume', value: fields.volume, allowed: 'a decimal ≥ 0' });
  // The one constructor of bars refuses the impossible; what is unknown stands in it as what is certainly legal.
  bar({ ...fields, symbol, tf: '1m', n: n ?? 0, digest: digest ?? UNSAID });
  return { ...fields, place: null };
}
