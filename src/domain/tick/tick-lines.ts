import { type ErrorCode, PulseError } from '../errors/errors.ts';
import { type Line, LineSplitter, MAX_LINE } from './line-splitter.ts';
import { isLegalSymbol } from './symbol.ts';
import { type CsvColumns, csvColumns, csvTick } from './tick-csv.ts';
import { envelopeOf } from './tick-envelope.ts';
import { UnroutableCounts } from './unroutable.ts';

/** A tick of a line: its bytes as they stand there (NDJSON), or made from its cells (CSV). */
export interface LineTick {
  readonly symbol: string;
  readonly payload: Buffer;
}

export interface TickLinesOptions {
  /** For messages: the file's name, or `stdin`. */
  readonly name: string;
  /** The symbol of lines that name none; null: they cannot be routed. */
  readonly symbol: string | null;
  readonly csv: boolean;
}

/** Turns bytes into ticks, line by line. What cannot be brought to a channel is counted; it never stops the rest. */
export class TickLines {
  readonly #name: string;
  readonly #symbol: string | null;
  readonly #csv: boolean;
  readonly #splitter = new LineSplitter();
  readonly unroutable = new UnroutableCounts();
  #columns: CsvColumns | null = null;
  #out: LineTick[] = [];
  /** The symbol of the line before, as it stands there: nearly always that of the next one too. */
  #lastBytes = Buffer.alloc(0);
  #lastSymbol = '';
  ticks = 0;

  constructor({ name, symbol, csv }: TickLinesOptions) {
    this.#name = name;
    this.#symbol = symbol;
    this.#csv = csv;
  }

  /** Lines seen so far. */
  get lines(): number {
    return this.#splitter.lines;
  }

  /** The ticks that the chunk completes. Rejects with `feed.file.columns`. */
  push(chunk: Buffer): LineTick[] {
    this.#splitter.push(chunk, this.#take);
    return this.#given();
  }

  /** The tick of a last line that has no end. */
  finish(): LineTick[] {
    this.#splitter.finish(this.#take);
    return this.#given();
  }

  #given(): LineTick[] {
    const out = this.#out;
    this.#out = [];
    this.ticks += out.length;
    return out;
  }

  readonly #take = (line: Line): void => {
    if (line.tooLong) return this.#refuse(line, 'feed.line.too-long', { allowed: MAX_LINE });
    if (!this.#csv) return this.#route(line, line.bytes);
    const text = line.bytes.toString();
    if (text.trim() === '') return;
    if (this.#columns === null) {
      this.#columns = csvColumns(text, this.#name);
      return;
    }
    const tick = csvTick(text, this.#columns);
    if (tick === null) return this.#refuse(line, 'feed.line.columns', { allowed: this.#columns.fields.length });
    this.#route(line, Buffer.from(tick));
  };

  #route(line: Line, payload: Buffer): void {
    const { object, symbolFrom, symbolTo, symbolText } = envelopeOf(payload);
    if (!object) {
      if (line.bytes.toString().trim() !== '') this.#refuse(line, 'tick.not-object', {});
      return;
    }
    if (symbolFrom < 0 || (!symbolText && payload.toString('latin1', symbolFrom, symbolTo) === 'null')) {
      if (this.#symbol === null) return this.#refuse(line, 'tick.symbol.missing', {});
      this.#out.push({ symbol: this.#symbol, payload });
      return;
    }
    if (!symbolText || !this.#isLast(payload, symbolFrom, symbolTo)) {
      const symbol = payload.toString('utf8', symbolFrom, symbolTo);
      if (!symbolText || !isLegalSymbol(symbol))
        return this.#refuse(line, 'tick.symbol.illegal', { value: symbol.slice(0, 120) });
      this.#lastBytes = Buffer.from(symbol);
      this.#lastSymbol = symbol;
    }
    this.#out.push({ symbol: this.#lastSymbol, payload });
  }

  #isLast(payload: Buffer, from: number, to: number): boolean {
    const last = this.#lastBytes;
    if (to - from !== last.length || last.length === 0) return false;
    for (let i = 0; i < last.length; i += 1) if (payload[from + i] !== last[i]) return false;
    return true;
  }

  #refuse(line: Line, reason: ErrorCode, evidence: Readonly<Record<string, unknown>>): void {
    const value = line.bytes.toString('utf8', 0, 120);
    this.unroutable.add(reason, `${this.#name}:${line.number}`, new PulseError(reason, { value, ...evidence }).message);
  }
}
