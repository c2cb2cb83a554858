/** A line without its end, or, where it was too long to keep, its beginning. */
export interface Line {
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
  readonly tooLong: boolean;
}

/** Lines longer than this are no ticks; what is more is skipped, so that memory stays bounded. */
export const MAX_LINE = 1_048_576;

const LF = 0x0a;
const CR = 0x0d;

/** Cuts chunks of bytes into lines (LF or CRLF). The lines are views of the chunks. */
export class LineSplitter {
  #rest: Buffer[] = [];
  #restLength = 0;
  #number = 0;
  #skipping = false;

  /** Lines given so far, blank ones included. */
  get lines(): number {
    return this.#number;
  }

  /** Calls `give` for each line that the chunk completes, blank ones excepted. */
  push(chunk: Buffer, give: (line: Line) => void): void {
    let from = 0;
    for (;;) {
      const to = chunk.indexOf(LF, from);
      if (to === -1) break;
      this.#end(chunk.subarray(from, to), give);
      from = to + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from), give);
  }

  /** Calls `give` for a last line that has no end. */
  finish(give: (line: Line) => void): void {
    if (this.#restLength > 0 || this.#skipping) this.#end(Buffer.alloc(0), give);
  }

  #end(last: Buffer, give: (line: Line) => void): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    this.#number += 1;
    let bytes = last;
    if (this.#restLength > 0) {
      bytes = Buffer.concat([...this.#rest, last]);
      this.#rest = [];
      this.#restLength = 0;
    }
    if (bytes[bytes.length - 1] === CR) bytes = bytes.subarray(0, bytes.length - 1);
    if (bytes.length > 0) give({ bytes, number: this.#number, tooLong: bytes.length > MAX_LINE });
  }

  #keep(part: Buffer, give: (line: Line) => void): void {
    if (this.#skipping) return;
    this.#rest.push(part);
    this.#restLength += part.length;
    if (this.#restLength <= MAX_LINE) return;
    this.#end(Buffer.alloc(0), give);
    this.#skipping = true;
  }
}
