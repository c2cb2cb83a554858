import { decimalText } from '../base/decimal.ts';
import { isLegalSymbol } from '../tick/symbol.ts';
import { type TickFields, tickFields } from '../tick/tick.ts';
import { parseTick, type Rejection } from '../tick/tick-parser.ts';
import { TickScanner } from '../tick/tick-scanner.ts';
import type { EntryTick } from './enriched-tick.ts';

/** What an entry holds: its tick and the same as the bar builder wants it, or why it cannot be used. */
export type ReadEntry = { readonly tick: EntryTick; readonly fields: TickFields } | { readonly rejection: Rejection };

/** Values of a tick's JSON that are taken as they are once the scanner has passed it. */
interface Loose {
  readonly symbol?: unknown;
  readonly bid?: unknown;
  readonly ask?: unknown;
  readonly side?: unknown;
  readonly id?: unknown;
  readonly seq?: unknown;
}

/**
 * Reads ticks from entries of a stream: JSON in the field `j`, or the tick's own fields as text. The same judgement as everywhere
 * (`parseTick`); what it gives in `fields` is lent until the next call.
 */
export class EntryReader {
  readonly #nonPositive: (symbol: string) => boolean;
  readonly #scanners = new Map<string, TickScanner>();
  readonly #fields = tickFields();

  constructor(nonPositive: (symbol: string) => boolean) {
    this.#nonPositive = nonPositive;
  }

  /** `receivedAt`: when the entry was appended, epoch milliseconds; null where unknown. */
  read(entry: Readonly<Record<string, Buffer>>, receivedAt: number | null): ReadEntry {
    const named = entry.symbol?.toString() ?? null;
    const payload = entry.j ?? Buffer.from(JSON.stringify(textOf(entry)));
    const loose = parsed(payload);
    const symbol = loose === null ? named : typeof loose.symbol === 'string' ? loose.symbol : (loose.symbol ?? named);
    if (loose === null || typeof symbol !== 'string' || (named !== null && named !== symbol))
      return this.#refused(payload, named, receivedAt);
    if (!isLegalSymbol(symbol)) return { rejection: { fault: 'tick.symbol.illegal', evidence: { value: symbol } } };
    const rejection = this.#scanner(symbol).read(payload, receivedAt, this.#fields);
    if (rejection !== null) return { rejection };
    const { ts, price } = this.#fields;
    return {
      tick: {
        symbol,
        ts,
        price,
        bid: this.#sideOf(symbol, loose.bid),
        ask: this.#sideOf(symbol, loose.ask),
        volume: volumeOf(this.#fields),
        side: textIn(loose.side),
        id: typeof loose.id === 'number' ? digitsOf(loose.id, 'id', payload) : textIn(loose.id),
        seq: sequenceIn(loose.seq, payload),
      },
      fields: this.#fields,
    };
  }

  /** A feed writes 0 beside a price where it has no quote. */
  #sideOf(symbol: string, value: unknown): number | null {
    if (value === undefined || value === null) return null;
    const side = Number(value);
    return side > 0 || this.#nonPositive(symbol) ? side : null;
  }

  #scanner(symbol: string): TickScanner {
    let scanner = this.#scanners.get(symbol);
    if (scanner === undefined) {
      scanner = new TickScanner(symbol, { allowNonPositive: this.#nonPositive(symbol) });
      this.#scanners.set(symbol, scanner);
    }
    return scanner;
  }

  /** What has no symbol, or two, is refused by the parser, with its reason. */
  #refused(payload: Buffer, symbol: string | null, receivedAt: number | null): ReadEntry {
    const found = parseTick(payload, { symbol, receivedAt }, { allowNonPositive: true });
    if ('rejection' in found) return found;
    throw new RangeError(`a tick of ${found.tick.symbol} is legal for the parser and not for the reader of entries`);
  }
}

const textOf = (entry: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, value.toString()]));

function parsed(payload: Buffer): Loose | null {
  try {
    const value: unknown = JSON.parse(payload.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null; // The parser says what is wrong with it.
  }
}

const textIn = (value: unknown): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);

const WHOLE = /^-?(0|[1-9]\d{0,30})$/;

/** A sequence number as digits: a number of the JSON, or the text of a flat field. */
function sequenceIn(value: unknown, payload: Buffer): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? digitsOf(value, 'seq', payload) : null;
  return typeof value === 'string' && WHOLE.test(value) ? value : null;
}

/** The digits of a number as they stand in the JSON: a double holds no more than sixteen of an exchange's ids. */
function digitsOf(value: number, name: string, payload: Buffer): string {
  if (Number.isSafeInteger(value)) return String(value);
  const digits = new Map<unknown, string>();
  const tick: unknown = JSON.parse(
    payload.toString(),
    function (this: unknown, key: string, inner: unknown, at?: { readonly source?: string }) {
      if (key === name && at?.source !== undefined) digits.set(this, at.source);
      return inner;
    },
  );
  return digits.get(tick) ?? String(value);
}

function volumeOf({ volumeText, volumeUnits, volumeScale }: TickFields): string {
  if (volumeText !== null) return volumeText;
  return volumeScale === 0 ? String(volumeUnits) : decimalText({ units: BigInt(volumeUnits), scale: volumeScale });
}
