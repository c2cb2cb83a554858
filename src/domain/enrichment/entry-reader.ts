import { decimalText } from '../decimal.ts';
import { isLegalSymbol } from '../symbol.ts';
import { type TickFields, tickFields } from '../tick.ts';
import { parseTick, type Rejection } from '../tick-parser.ts';
import { TickScanner } from '../tick-scanner.ts';
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
        bid: numberOf(loose.bid),
        ask: numberOf(loose.ask),
        volume: volumeOf(this.#fields),
        side: textIn(loose.side),
        id: textIn(loose.id),
        seq: typeof loose.seq === 'number' ? loose.seq : null,
      },
      fields: this.#fields,
    };
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

const numberOf = (value: unknown): number | null => (value === undefined || value === null ? null : Number(value));

const textIn = (value: unknown): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);

function volumeOf({ volumeText, volumeUnits, volumeScale }: TickFields): string {
  if (volumeText !== null) return volumeText;
  return volumeScale === 0 ? String(volumeUnits) : decimalText({ units: BigInt(volumeUnits), scale: volumeScale });
}
