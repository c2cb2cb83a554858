import { EARLIEST_TS, LATEST_TS } from './tick.ts';

/** Where the two values that routing and pacing need stand in a payload: [from, to), -1 where absent. Strings without their quotes. */
export interface Envelope {
  /** Whether the payload begins as an object does. */
  readonly object: boolean;
  readonly symbolFrom: number;
  readonly symbolTo: number;
  /** Whether the symbol is a string. */
  readonly symbolText: boolean;
  readonly tsFrom: number;
  readonly tsTo: number;
  /** Whether ts is a string. */
  readonly tsText: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const SPACE = 0x20;

/**
 * Finds a payload's symbol and ts without parsing it: as the last top-level fields of these names, as in JSON. It judges nothing:
 * of a torn line it gives what stands before the tear. Names written with escapes are not recognized.
 */
export function envelopeOf(b: Buffer): Envelope {
  const found = { object: false, symbolFrom: -1, symbolTo: -1, symbolText: false, tsFrom: -1, tsTo: -1, tsText: false };
  const end = b.length;
  let at = skipSpace(b, 0);
  if (b[at] !== OPEN) return found;
  found.object = true;
  at += 1;
  while (at < end) {
    at = skipSpace(b, at);
    if (b[at] !== QUOTE) return found;
    const key = at + 1;
    const keyEnd = stringEnd(b, key);
    at = skipSpace(b, keyEnd + 1);
    if (b[at] !== COLON) return found;
    at = skipSpace(b, at + 1);
    const text = b[at] === QUOTE;
    const from = text ? at + 1 : at;
    at = text ? stringEnd(b, from) : valueEnd(b, from);
    if (isSymbolKey(b, key, keyEnd)) {
      found.symbolFrom = from;
      found.symbolTo = at;
      found.symbolText = text;
    } else if (keyEnd - key === 2 && b[key] === 0x74 && b[key + 1] === 0x73) {
      found.tsFrom = from;
      found.tsTo = at;
      found.tsText = text;
    }
    at = skipSpace(b, text ? at + 1 : at);
    if (b[at] !== COMMA) return found;
    at += 1;
  }
  return found;
}

const isSymbolKey = (b: Buffer, from: number, to: number): boolean =>
  to - from === 6 &&
  b[from] === 0x73 &&
  b[from + 1] === 0x79 &&
  b[from + 2] === 0x6d &&
  b[from + 3] === 0x62 &&
  b[from + 4] === 0x6f &&
  b[from + 5] === 0x6c;

function skipSpace(b: Buffer, from: number): number {
  let at = from;
  while (b[at]! <= SPACE) at += 1;
  return at;
}

function stringEnd(b: Buffer, from: number): number {
  let at = from;
  for (; at < b.length; at += 1) {
    const c = b[at]!;
    if (c === QUOTE) return at;
    if (c === BACKSLASH) at += 1;
  }
  return b.length;
}

/** The end of a number, word, object or list. */
function valueEnd(b: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < b.length; at += 1) {
    const c = b[at]!;
    if (c === QUOTE) at = stringEnd(b, at + 1);
    else if (c === OPEN || c === OPEN_LIST) depth += 1;
    else if (depth > 0) depth -= c === CLOSE || c === CLOSE_LIST ? 1 : 0;
    else if (c === COMMA || c === CLOSE || c <= SPACE) return at;
  }
  return b.length;
}

/** Decimal text of at most 15 digits of each part, so that doubles hold it. */
const NUMERAL = /^(\d{1,15})(?:\.(\d+))?$/;
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/;

/** Event time of a payload in epoch milliseconds; null where it has none that can be read. */
export function timeOf(payload: Buffer): number | null {
  const { tsFrom, tsTo } = envelopeOf(payload);
  if (tsFrom < 0) return null;
  const text = payload.toString('latin1', tsFrom, tsTo);
  const ms = NUMERAL.test(text) ? fromEpoch(Number(text)) : isoTime(text);
  return ms !== null && ms >= EARLIEST_TS && ms < LATEST_TS ? ms : null;
}

const fromEpoch = (value: number): number => (value >= 1e11 ? value : Math.round(value * 1e6) / 1e3);

/** Epoch milliseconds of the whole second, and the digits of the fraction. */
function isoParts(text: string): { second: number; fraction: string } | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, date, minutes, seconds = '00', fraction = '', zone = 'Z'] = match;
  const second = Date.parse(`${date}T${minutes}:${seconds}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(second) ? null : { second, fraction };
}

function isoTime(text: string): number | null {
  const parts = isoParts(text);
  return parts && parts.second + Number(`0.${parts.fraction || '0'}`) * 1e3;
}

/** The payload with its ts moved by `ms` (whole), in the form it had: no other byte changes. Unchanged where ts cannot be read. */
export function shiftTime(payload: Buffer, ms: number): Buffer {
  const { tsFrom, tsTo } = envelopeOf(payload);
  if (tsFrom < 0) return payload;
  const text = payload.toString('latin1', tsFrom, tsTo);
  const moved = NUMERAL.test(text) ? movedEpoch(text, ms) : movedIso(text, ms);
  if (moved === null) return payload;
  return Buffer.concat([payload.subarray(0, tsFrom), Buffer.from(moved, 'latin1'), payload.subarray(tsTo)]);
}

/** Keeps the number of decimals, unless the shift needs more. */
function movedEpoch(text: string, ms: number): string | null {
  const [whole = '', fraction = ''] = text.split('.');
  const inMs = Number(whole) >= 1e11;
  const decimals = inMs || ms % 1000 === 0 ? fraction.length : Math.max(3, fraction.length);
  const units =
    BigInt(whole + fraction.padEnd(decimals, '0')) + (BigInt(ms) * 10n ** BigInt(decimals)) / (inMs ? 1n : 1000n);
  if (units <= 0n) return null;
  const digits = units.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Gives the time in UTC, with the decimals it had, or three where the shift needs them. */
function movedIso(text: string, ms: number): string | null {
  const parts = isoParts(text);
  if (parts === null) return null;
  const { second, fraction } = parts;
  const decimals = ms % 1000 === 0 ? fraction.length : Math.max(3, fraction.length);
  // What is finer than a millisecond does not change.
  const moved = new Date(second + Number(fraction.slice(0, 3).padEnd(3, '0')) + ms).toISOString();
  const digits = moved.slice(20, 23) + fraction.slice(3);
  return `${moved.slice(0, 19)}${decimals === 0 ? '' : `.${digits.slice(0, decimals)}`}Z`;
}
