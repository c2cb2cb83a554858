import { bar } from './bar.ts';
import { parseBar } from './bar-codec.ts';
import { parseDecimal } from './decimal.ts';
import { type ErrorCode, PulseError } from './errors.ts';
import { type SideBar, sideBar } from './parity-bar.ts';
import { MINUTE } from './timeframe.ts';

const UNSAID = '0000000000000000';

/** A bar that stands on a side and cannot be read. It counts as missing. */
export interface UnreadableBar {
  /** `bars.EURUSD.1m/0@12`, a stream and an entry's id, or a key and which of its bars. */
  readonly place: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** The bars that can be read, and those that cannot. Every one that was given is in one of the two lists. */
export interface ReadBars {
  readonly bars: SideBar[];
  readonly unreadable: UnreadableBar[];
}

/** Puts the bar that `read` gives, or why it cannot be read, where it belongs. Tells which it was. */
export function readInto({ bars, unreadable }: ReadBars, place: () => string, read: () => SideBar): boolean {
  try {
    bars.push(read());
    return true;
  } catch (error) {
    if (!(error instanceof PulseError)) throw error;
    unreadable.push({ place: place(), code: error.code, reason: error.message });
    return false;
  }
}

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
  const shift = text('ts_on') === 'close' ? MINUTE : 0;
  return sideBarOf(symbol, {
    start: numberOf(text('ts')) * 1000 - shift,
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

/**
 * Reads the older form, a JSON array of `{ts, o, h, l, c, v}` (or `open`, `high` …) or of `[ts, o, h, l, c, v]`; `ts` in epoch seconds
 * or milliseconds. One that is no bar is unreadable; so is the key, where it holds no array (`parity.bars.unreadable`).
 */
export function parseOlderBars(symbol: string, json: string, key: string): ReadBars {
  const found: ReadBars = { bars: [], unreadable: [] };
  try {
    olderItems(json, key).forEach((item, i) => {
      readInto(
        found,
        () => `${key}[${i}]`,
        () => olderBar(symbol, item),
      );
    });
  } catch (error) {
    if (!(error instanceof PulseError)) throw error;
    found.unreadable.push({ place: key, code: error.code, reason: error.message });
  }
  return found;
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

function olderBar(symbol: string, item: unknown): SideBar {
  const [ts, o, h, l, c, v] = Array.isArray(item) ? item : [];
  const fields: Record<string, unknown> = Array.isArray(item) ? { ts, o, h, l, c, v } : Object(item);
  const time = numberOf(fields.ts ?? fields.time ?? fields.t);
  const count = fields.n ?? null;
  return sideBarOf(symbol, {
    start: time >= 1e11 ? time : time * 1000,
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
