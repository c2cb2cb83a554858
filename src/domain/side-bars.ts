import { bar } from './bar.ts';
import { parseDecimal } from './decimal.ts';
import { PulseError } from './errors.ts';
import type { SideBar } from './parity-bar.ts';
import { MINUTE } from './timeframe.ts';

const UNSAID = '0000000000000000';

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
 * or milliseconds. Rejects with `parity.bars.unreadable`, `bar.field` or `bar.range`.
 */
export function parseOlderBars(symbol: string, json: string, key: string): SideBar[] {
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
  return items.map((item: unknown) => olderBar(symbol, item));
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
