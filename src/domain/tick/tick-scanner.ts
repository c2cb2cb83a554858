import { parseDecimal } from '../base/decimal.ts';
import { EARLIEST_TS, LATEST_TS, MAX_AHEAD_MS, MAX_TICK_BYTES, type TickFields, type TickRules } from './tick.ts';
import { parseTick, type Rejection } from './tick-parser.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** Powers of ten that a double holds exactly: a mantissa below 2^53 divided by one of them is correctly rounded. */
const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);
const MAX_MANTISSA = Number.MAX_SAFE_INTEGER / 10 - 1;

/** The numbers that a tick may carry, in the order of preference within a kind. */
const PRICE = 0;
const LAST = 1;
const MID = 2;
const BID = 3;
const ASK = 4;
const TS = 5;
const VOLUME = 6;
const VOL = 7;
const SIZE = 8;
const TICK_VOL = 9;
const SYMBOL = 10;
const OTHER = 11;

const NAMES = ['price', 'last', 'mid', 'bid', 'ask', 'ts', 'volume', 'vol', 'size', 'tick_vol', 'symbol'].map((name) =>
  Buffer.from(name),
);
/** Which names have a given length: a key is compared with at most three. */
const BY_LENGTH = Array.from({ length: 9 }, (_, length) =>
  NAMES.flatMap((name, id) => (name.length === length ? [id] : [])),
);

/**
 * Reads ticks of one symbol straight from their bytes. It knows flat objects of plain numbers and strings; whatever else comes,
 * and whatever it would refuse, goes to `parseTick`, so that both always give the same answer.
 */
export class TickScanner {
  readonly #symbol: Buffer;
  readonly #name: string;
  readonly #rules: TickRules;
  readonly #mantissa = new Float64Array(10);
  readonly #scale = new Int32Array(10);
  #seen = 0;
  #at = 0;

  /** `symbol` is that of the channel or topic. */
  constructor(symbol: string, rules: TickRules) {
    this.#symbol = Buffer.from(symbol);
    this.#name = symbol;
    this.#rules = rules;
  }

  /** Fills `out`; null when the tick is usable, else why it is not. `receivedAt` is in epoch milliseconds, or null where unknown. */
  read(payload: Buffer, receivedAt: number | null, out: TickFields): Rejection | null {
    if (payload.length <= MAX_TICK_BYTES && this.#scan(payload) && this.#take(receivedAt, out)) return null;
    return this.#parse(payload, receivedAt, out);
  }

  #parse(payload: Buffer, receivedAt: number | null, out: TickFields): Rejection | null {
    const parsed = parseTick(payload, { symbol: this.#name, receivedAt }, this.#rules);
    if ('rejection' in parsed) return parsed.rejection;
    const { tick } = parsed;
    const volume = parseDecimal(tick.volume)!;
    const units = Number(volume.units);
    const plain = Number.isSafeInteger(units) && volume.scale <= 15;
    out.ts = tick.ts;
    out.price = tick.price;
    out.volumeUnits = plain ? units : 0;
    out.volumeScale = plain ? volume.scale : 0;
    out.volumeText = plain ? null : tick.volume;
    out.crossed = tick.crossed;
    out.locked = tick.locked;
    return null;
  }

  /** Whether what was scanned is a usable tick; then `out` holds it. */
  #take(receivedAt: number | null, out: TickFields): boolean {
    const seen = this.#seen;
    if ((seen & (1 << TS)) === 0) return false;
    const ts = this.#time();
    if (!(ts >= EARLIEST_TS && ts < LATEST_TS)) return false;
    if (receivedAt !== null && ts > receivedAt + MAX_AHEAD_MS) return false;
    const bid = (seen & (1 << BID)) === 0 ? Number.NaN : this.#value(BID);
    const ask = (seen & (1 << ASK)) === 0 ? Number.NaN : this.#value(ASK);
    const stated = (seen & 7) === 0 ? -1 : (seen & 1) !== 0 ? PRICE : (seen & 2) !== 0 ? LAST : MID;
    const price = stated === -1 ? (bid + ask) / 2 : this.#value(stated);
    const worst = stated === -1 ? Math.min(bid, ask) : price;
    if (!(worst > 0) && !(this.#rules.allowNonPositive && worst <= 0)) return false;
    if ((seen & 0x3c0) === 0) {
      out.volumeUnits = 0;
      out.volumeScale = 0;
    } else {
      const id =
        (seen & (1 << VOLUME)) !== 0
          ? VOLUME
          : (seen & (1 << VOL)) !== 0
            ? VOL
            : (seen & (1 << SIZE)) !== 0
              ? SIZE
              : TICK_VOL;
      const units = this.#mantissa[id]!;
      if (units < 0) return false;
      out.volumeUnits = units;
      out.volumeScale = this.#scale[id]!;
    }
    out.ts = ts;
    out.price = price;
    out.volumeText = null;
    out.crossed = bid > ask;
    out.locked = bid === ask;
    return true;
  }

  #value(id: number): number {
    return this.#mantissa[id]! / POWERS[this.#scale[id]!]!;
  }

  #time(): number {
    const mantissa = this.#mantissa[TS]!;
    const scale = this.#scale[TS]!;
    const value = mantissa / POWERS[scale]!;
    if (value < 1e11) return scale <= 3 ? mantissa * POWERS[3 - scale]! : Math.round(value * 1e6) / 1e3;
    return scale === 0 ? mantissa : Math.round(value * 1e3) / 1e3;
  }

  /** Whether the payload is a flat object of the simple kind; then `#seen`, `#mantissa` and `#scale` hold its numbers. */
  #scan(b: Buffer): boolean {
    this.#seen = 0;
    let at = 0;
    if (b[at] !== OPEN || b[at + 1] !== QUOTE) return false;
    at += 1;
    for (;;) {
      if (b[at] !== QUOTE) return false;
      const start = at + 1;
      const end = this.#string(b, start);
      if (end < 0 || b[end + 1] !== COLON) return false;
      const id = key(b, start, end);
      at = end + 2;
      if (b[at] === QUOTE) {
        const close = this.#string(b, at + 1);
        if (close < 0) return false;
        if (id === SYMBOL) {
          if (!this.#isSymbol(b, at + 1, close)) return false;
        } else if (id !== OTHER) return false;
        at = close + 1;
      } else {
        if (id === SYMBOL || !this.#number(b, at, id)) return false;
        at = this.#at;
      }
      if (b[at] === COMMA) at += 1;
      else return b[at] === CLOSE && at + 1 === b.length;
    }
  }

  /** The index of the closing quote; -1 where the string has an escape, a control character, or no end. */
  #string(b: Buffer, from: number): number {
    for (let at = from; at < b.length; at += 1) {
      const c = b[at]!;
      if (c === QUOTE) return at;
      if (c === BACKSLASH || c < 0x20) return -1;
    }
    return -1;
  }

  #isSymbol(b: Buffer, from: number, to: number): boolean {
    const symbol = this.#symbol;
    if (to - from !== symbol.length) return false;
    for (let i = 0; i < symbol.length; i += 1) if (b[from + i] !== symbol[i]) return false;
    return true;
  }

  /** Reads a plain JSON number at `from` as mantissa and scale, without trailing zeros of the fraction; false where it is not a plain one. */
  #number(b: Buffer, from: number, id: number): boolean {
    let at = from;
    const negative = b[at] === MINUS;
    if (negative) at += 1;
    let digit = b[at]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) return false;
    let mantissa = 0;
    if (digit === 0) at += 1;
    else
      do {
        mantissa = mantissa * 10 + digit;
        if (mantissa > MAX_MANTISSA) return false;
        at += 1;
        digit = b[at]! - ZERO;
      } while (digit >= 0 && digit <= 9);
    let scale = 0;
    if (b[at] === DOT) {
      at += 1;
      const first = at;
      let zeros = 0;
      for (digit = b[at]! - ZERO; digit >= 0 && digit <= 9; digit = b[at]! - ZERO) {
        if (digit === 0) zeros += 1;
        else {
          if (scale + zeros >= 15) return false;
          mantissa = mantissa * POWERS[zeros + 1]! + digit;
          if (mantissa > MAX_MANTISSA) return false;
          scale += zeros + 1;
          zeros = 0;
        }
        at += 1;
      }
      if (at === first) return false;
    }
    this.#at = at;
    if (id !== OTHER) {
      this.#mantissa[id] = negative && mantissa !== 0 ? -mantissa : mantissa;
      this.#scale[id] = scale;
      this.#seen |= 1 << id;
    }
    return true;
  }
}

function key(b: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length > 8) return OTHER;
  for (const id of BY_LENGTH[length]!) {
    const name = NAMES[id]!;
    let i = 0;
    while (i < length && b[start + i] === name[i]) i += 1;
    if (i === length) return id;
  }
  return OTHER;
}
