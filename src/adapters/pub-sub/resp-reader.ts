/** What a subscribed connection receives, in the order of its bytes. Offsets are into the bytes given with them, which hold until `overwritten`. */
export interface RespSink {
  /** A message: channel and payload, each [from, to). */
  message(bytes: Buffer, channelFrom: number, channelTo: number, payloadFrom: number, payloadTo: number): void;
  /** An answer to a command: the text of a simple answer, number or error, or the first word of an array. */
  answer(kind: 'ok' | 'error' | 'array', text: string): void;
  /** The bytes of all messages that were told are about to be overwritten. */
  overwritten(): void;
}

/** Enough that what a socket holds is read in few calls, and that the processor's cache holds it. */
const ROOM = 256 * 1024;
const [STAR, DOLLAR, COLON, PLUS, MINUS, CR, ZERO, NINE] = [0x2a, 0x24, 0x3a, 0x2b, 0x2d, 0x0d, 0x30, 0x39];
const MOST_PARTS = 8;
const PMESSAGE = 'pmessage';

/** Finds where messages begin and end in the bytes of RESP 2 that a subscribed connection receives. Throws on bytes that are none. */
export class RespReader {
  readonly #sink: RespSink;
  #bytes = Buffer.allocUnsafeSlow(ROOM);
  /** Where the bytes end that were received. */
  #end = 0;
  /** Behind the line that was read last; -1: it is not all there. */
  #next = 0;
  /** First and last of each part of the array that was read last. */
  readonly #parts = new Int32Array(2 * MOST_PARTS);

  constructor(sink: RespSink) {
    this.#sink = sink;
  }

  /** Where the next bytes are to be written, from its beginning on. */
  room(): Buffer {
    return this.#bytes.subarray(this.#end);
  }

  /** Tells the sink of all that is complete, with the `count` bytes that were written into `room`. */
  received(count: number): void {
    this.#end += count;
    let at = 0;
    while (at < this.#end) {
      const next = this.#frame(at);
      if (next === -1) break;
      at = next;
    }
    this.#sink.overwritten();
    this.#keep(at);
  }

  /** Moves what is not complete yet to the beginning, and makes room for more of it. */
  #keep(from: number): void {
    const left = this.#end - from;
    const bytes = this.#bytes;
    // A message larger than the room: twice as much each time, so that no byte is moved often.
    if (left > bytes.length / 2) this.#bytes = Buffer.allocUnsafeSlow(2 * bytes.length);
    else if (bytes.length > ROOM && left < ROOM / 2) this.#bytes = Buffer.allocUnsafeSlow(ROOM);
    if (left > 0 && (from > 0 || this.#bytes !== bytes)) bytes.copy(this.#bytes, 0, from, this.#end);
    this.#end = left;
  }

  /** The end of the frame that begins at `at`; -1 where it is not all there. */
  #frame(at: number): number {
    const kind = this.#bytes[at];
    if (kind === STAR) return this.#array(at);
    if (kind !== PLUS && kind !== MINUS && kind !== COLON)
      throw new Error(`no answer of Redis begins with byte ${kind}`);
    const end = this.#bytes.indexOf('\r\n', at, 'latin1');
    if (end === -1 || end + 2 > this.#end) return -1;
    this.#sink.answer(kind === MINUS ? 'error' : 'ok', this.#bytes.toString('utf8', at + 1, end));
    return end + 2;
  }

  #array(at: number): number {
    const count = this.#number(at + 1);
    if (this.#next === -1) return -1;
    if (count < 1 || count > MOST_PARTS) throw new Error(`an answer of ${count} parts`);
    let from = this.#next;
    for (let part = 0; part < count; part += 1) {
      if (from >= this.#end) return -1;
      const kind = this.#bytes[from];
      const value = this.#number(from + 1);
      if (this.#next === -1) return -1;
      if (kind === DOLLAR && value >= 0) {
        this.#parts[2 * part] = this.#next;
        this.#parts[2 * part + 1] = this.#next + value;
        from = this.#next + value + 2;
      } else if (kind === COLON || kind === DOLLAR) from = this.#next;
      else throw new Error(`no part of an answer begins with byte ${kind}`);
    }
    if (from > this.#end) return -1;
    this.#tell(count);
    return from;
  }

  #tell(count: number): void {
    const parts = this.#parts;
    const [wordFrom, wordTo] = [parts[0]!, parts[1]!];
    // The only array of four parts that a subscriber to patterns receives; any other has a word of another length.
    if (count === 4 && wordTo - wordFrom === PMESSAGE.length)
      this.#sink.message(this.#bytes, parts[4]!, parts[5]!, parts[6]!, parts[7]!);
    else this.#sink.answer('array', this.#bytes.toString('latin1', wordFrom, wordTo));
  }

  /** The number on the line at `at`; where it ends is in `#next` then. */
  #number(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let value = 0;
    let negative = false;
    for (let i = at; i < end; i += 1) {
      const byte = bytes[i]!;
      if (byte >= ZERO && byte <= NINE) value = value * 10 + byte - ZERO;
      else if (byte === MINUS && i === at) negative = true;
      else if (byte === CR) {
        this.#next = i + 2 <= end ? i + 2 : -1;
        return negative ? -value : value;
      } else throw new Error(`byte ${byte} in a number`);
    }
    this.#next = -1;
    return 0;
  }
}
