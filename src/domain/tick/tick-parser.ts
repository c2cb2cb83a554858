import { decimalText, parseDecimal } from '../base/decimal.ts';
import type { Evidence } from '../errors/spec.ts';
import type { TickFault } from '../errors/tick.ts';
import { isLegalSymbol } from './symbol.ts';
import { EARLIEST_TS, LATEST_TS, MAX_AHEAD_MS, MAX_TICK_BYTES, type Tick, type TickRules } from './tick.ts';

/** Why a payload is no usable tick. */
export interface Rejection {
  readonly fault: TickFault;
  readonly evidence: Evidence;
}

export type ParsedTick = { readonly tick: Tick } | { readonly rejection: Rejection };

export interface TickOrigin {
  /** The symbol of the channel or topic; null where there is none. */
  readonly symbol: string | null;
  /** Epoch milliseconds of the receipt; null where unknown, and then no tick is too far ahead. */
  readonly receivedAt: number | null;
}

/** The exact text of a number in the payload, beside its value as a double. */
class Numeral {
  readonly value: number;
  readonly text: string;
  constructor(value: number, text: string) {
    // Minus zero is zero: the two must not give different digests.
    this.value = value === 0 ? 0 : value;
    this.text = text;
  }
}

class Refusal extends Error {
  readonly rejection: Rejection;
  constructor(fault: TickFault, evidence: Evidence = {}) {
    super(fault);
    this.rejection = { fault, evidence };
  }
}

/**
 * Reads a tick's wire form (DESIGN section 2). This is the definition: `tick-scanner.ts` is a faster way to the same answers.
 * Prices and volumes may be JSON numbers or decimal text; null counts as absent.
 */
export function parseTick(payload: Buffer | string, origin: TickOrigin, rules: TickRules): ParsedTick {
  try {
    const bytes = Buffer.byteLength(payload);
    if (bytes > MAX_TICK_BYTES) throw new Refusal('tick.too-large', { bytes, allowed: MAX_TICK_BYTES });
    return { tick: readTick(payload.toString(), origin, rules) };
  } catch (error) {
    if (error instanceof Refusal) return { rejection: error.rejection };
    throw error;
  }
}

function readTick(text: string, origin: TickOrigin, rules: TickRules): Tick {
  const fields = readObject(text);
  const symbol = readSymbol(fields.symbol, origin.symbol);
  const ts = readTime(fields.ts, origin.receivedAt);
  const bid = numeral(fields.bid, 'tick.price.invalid');
  const ask = numeral(fields.ask, 'tick.price.invalid');
  const price = readPrice(fields, bid, ask, rules);
  return {
    symbol,
    ts,
    price,
    ...(bid && { bid: bid.value }),
    ...(ask && { ask: ask.value }),
    volume: readVolume(fields),
    ...(fields.side != null && { side: plain(fields.side) }),
    ...(fields.id != null && { id: plain(fields.id) }),
    ...(isNumeral(fields.seq) && { seq: fields.seq.value }),
    crossed: bid !== null && ask !== null && bid.value > ask.value,
    locked: bid !== null && ask !== null && bid.value === ask.value,
  };
}

function readObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text, (_key, item, context?: { source?: string }) =>
      typeof item === 'number' ? new Numeral(item, context?.source ?? String(item)) : item,
    );
  } catch {
    throw new Refusal('tick.not-json', { value: text.slice(0, 120) });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isNumeral(value))
    throw new Refusal('tick.not-object', { value: text.slice(0, 120) });
  return value as Record<string, unknown>;
}

const isNumeral = (value: unknown): value is Numeral => value instanceof Numeral;

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : isNumeral(value) ? value.text : JSON.stringify(value);

/** The numeral of a JSON number or of decimal text; null where absent; anything else is refused as `fault`. */
function numeral(field: unknown, fault: TickFault): Numeral | null {
  if (field === undefined || field === null) return null;
  const found = isNumeral(field)
    ? field
    : typeof field === 'string' && parseDecimal(field)
      ? new Numeral(Number(field), field)
      : null;
  if (found === null || !Number.isFinite(found.value)) throw new Refusal(fault, { value: plain(field) });
  return found;
}

function readSymbol(field: unknown, expected: string | null): string {
  if (field === undefined || field === null) {
    if (expected === null) throw new Refusal('tick.symbol.missing');
    return expected;
  }
  if (typeof field !== 'string' || !isLegalSymbol(field))
    throw new Refusal('tick.symbol.illegal', { value: plain(field) });
  if (expected !== null && field !== expected)
    throw new Refusal('tick.symbol.mismatch', { value: field, allowed: expected });
  return field;
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/;

function readTime(field: unknown, receivedAt: number | null): number {
  if (field === undefined || field === null) throw new Refusal('tick.ts.missing');
  const shown = plain(field);
  const ts = isNumeral(field) ? fromEpoch(field.value) : typeof field === 'string' ? fromText(field) : Number.NaN;
  if (Number.isNaN(ts)) throw new Refusal('tick.ts.invalid', { value: shown });
  if (!(ts >= EARLIEST_TS && ts < LATEST_TS)) throw new Refusal('tick.ts.absurd', { value: shown });
  if (receivedAt !== null && ts > receivedAt + MAX_AHEAD_MS)
    throw new Refusal('tick.ts.future', { value: shown, ahead: (ts - receivedAt) / 1000 });
  return ts;
}

/** Numbers ≥ 1e11 are milliseconds, smaller ones seconds; both to the microsecond. */
const fromEpoch = (value: number): number => Math.round(value >= 1e11 ? value * 1e3 : value * 1e6) / 1e3;

function fromText(text: string): number {
  if (parseDecimal(text)) return fromEpoch(Number(text));
  const match = ISO.exec(text);
  if (match === null) return Number.NaN;
  const [, date, minutes, seconds = '00', fraction = '', zone = 'Z'] = match;
  const whole = Date.parse(`${date}T${minutes}:${seconds}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  return whole + Math.round(Number(`0.${fraction || '0'}`) * 1e6) / 1e3;
}

function readPrice(
  fields: Record<string, unknown>,
  bid: Numeral | null,
  ask: Numeral | null,
  rules: TickRules,
): number {
  const stated =
    numeral(fields.price, 'tick.price.invalid') ??
    numeral(fields.last, 'tick.price.invalid') ??
    numeral(fields.mid, 'tick.price.invalid');
  if (stated === null && (bid === null || ask === null)) throw new Refusal('tick.price.missing');
  const sides = stated === null ? [bid!.value, ask!.value] : [stated.value];
  const price = stated === null ? (bid!.value + ask!.value) / 2 : stated.value;
  if (!Number.isFinite(price)) throw new Refusal('tick.price.invalid', { value: price });
  const worst = Math.min(...sides);
  if (worst <= 0 && !rules.allowNonPositive) throw new Refusal('tick.price.non-positive', { value: worst });
  return price;
}

function readVolume(fields: Record<string, unknown>): string {
  const stated =
    numeral(fields.volume, 'tick.volume.invalid') ??
    numeral(fields.vol, 'tick.volume.invalid') ??
    numeral(fields.size, 'tick.volume.invalid') ??
    numeral(fields.tick_vol, 'tick.volume.invalid');
  if (stated === null) return '0';
  const exact = parseDecimal(stated.text);
  if (exact === null || exact.units < 0n) throw new Refusal('tick.volume.invalid', { value: stated.text });
  return decimalText(exact);
}
