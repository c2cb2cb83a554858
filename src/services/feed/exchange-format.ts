/** A trade as an exchange told it, in wire form: the digits of price and volume are the exchange's own. */
export interface ExchangeTrade {
  readonly symbol: string;
  /** The exchange's number of the trade; rises by one with each trade of the symbol. */
  readonly id: number;
  readonly payload: Buffer;
}

/** What a frame says. */
export type Frame =
  | {
      readonly kind: 'trades';
      readonly trades: readonly ExchangeTrade[] /** Trades of before the subscription. */;
      readonly snapshot: boolean;
    }
  /** An acknowledgement, a heartbeat, an answer to a ping. */
  | { readonly kind: 'alive' }
  /** The exchange refuses something, most often a symbol. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown' };

/** How an exchange speaks. */
export interface ExchangeFormat {
  readonly name: 'binance' | 'coinbase' | 'kraken';
  /** The public address. */
  readonly url: string;
  readonly symbols: readonly string[];
  /** Frames to send once connected. */
  subscribe(symbols: readonly string[]): readonly string[];
  /** A frame to which the exchange answers, where silence is no sign of death. */
  readonly ping: string;
  read(text: string): Frame;
}

export const ALIVE: Frame = { kind: 'alive' };
export const UNKNOWN: Frame = { kind: 'unknown' };

/** A number of a frame, as it stands there. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Parses a frame; its numbers keep their digits. Undefined where it is no JSON object. */
export function parseFrame(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const frame: unknown = JSON.parse(text, (_key, value, context?: { source?: string }) =>
      typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value,
    );
    return isRecord(frame) ? frame : undefined;
  } catch {
    // Not JSON: the caller counts the frame as not understood.
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Digits);

const DECIMAL = /^\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

/** The digits of a decimal that is a JSON number or text; undefined where it is none. */
export function digitsOf(value: unknown): string | undefined {
  const text = value instanceof Digits ? value.text : value;
  return typeof text === 'string' && DECIMAL.test(text) ? text : undefined;
}

interface TradeFields {
  readonly symbol: unknown;
  readonly id: unknown;
  /** Epoch seconds as decimal text. */
  readonly ts: string | undefined;
  readonly price: unknown;
  readonly volume: unknown;
  readonly side: string;
}

/** The trade; undefined where a field is missing or malformed. */
export function exchangeTrade({ symbol, id, ts, price, volume, side }: TradeFields): ExchangeTrade | undefined {
  const number = digitsOf(id);
  const [p, v] = [digitsOf(price), digitsOf(volume)];
  if (
    typeof symbol !== 'string' ||
    !/^\d{1,15}$/.test(number ?? '') ||
    ts === undefined ||
    p === undefined ||
    v === undefined
  )
    return undefined;
  const json = `{"symbol":${JSON.stringify(symbol)},"ts":${ts},"price":${plain(p)},"volume":${plain(v)},"side":"${side}","id":"${number}"}`;
  return { symbol, id: Number(number), payload: Buffer.from(json) };
}

/** JSON numbers have no leading zeros. */
const plain = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|\+00:00)$/;

/** Epoch seconds of a moment in ISO 8601, UTC, with its digits to the microsecond. */
export function secondsOfIso(text: unknown): string | undefined {
  const match = typeof text === 'string' ? ISO.exec(text) : null;
  if (match === null) return undefined;
  const whole = Date.parse(`${match[1]}Z`);
  if (Number.isNaN(whole)) return undefined;
  const fraction = (match[2] ?? '').slice(0, 6);
  return fraction === '' ? String(whole / 1000) : `${whole / 1000}.${fraction}`;
}

/** All of them, or undefined where one is. */
export function allTrades(trades: readonly (ExchangeTrade | undefined)[]): readonly ExchangeTrade[] | undefined {
  const known = trades.filter((trade) => trade !== undefined);
  return known.length === trades.length ? known.sort((a, b) => a.id - b.id) : undefined;
}
