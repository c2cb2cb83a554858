import { connect, type Socket } from 'node:net';

/** What Redis answers: a line, a number, bytes, nothing, a list of these, or an error. */
export type Reply = string | number | Buffer | null | Error | Reply[];

const CRLF = Buffer.from('\r\n');

/** A command in the protocol of Redis (RESP 2). */
export function command(...words: readonly (string | number | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(parts);
}

/** Takes replies out of a stream of bytes, however it is cut. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  take(chunk: Buffer): Reply[] {
    this.#bytes = this.#at < this.#bytes.length ? Buffer.concat([this.#bytes.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
    const replies: Reply[] = [];
    for (;;) {
      const from = this.#at;
      const reply = this.#reply();
      if (reply === undefined) {
        this.#at = from;
        return replies;
      }
      replies.push(reply);
    }
  }

  /** One reply; undefined where it is not all there yet. */
  #reply(): Reply | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return rest;
      case '-':
        return new Error(rest);
      case ':':
        return Number(rest);
      case '$':
        return this.#bulk(Number(rest));
      case '*':
        return this.#list(Number(rest));
      default:
        throw new Error(`not RESP: ${line.slice(0, 100)}`);
    }
  }

  #line(): string | undefined {
    const end = this.#bytes.indexOf(CRLF, this.#at);
    if (end === -1) return undefined;
    const line = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #bulk(length: number): Reply | undefined {
    if (length < 0) return null;
    if (this.#bytes.length < this.#at + length + 2) return undefined;
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length + 2;
    return bytes;
  }

  #list(length: number): Reply | undefined {
    if (length < 0) return null;
    const list: Reply[] = [];
    for (let i = 0; i < length; i += 1) {
      const item = this.#reply();
      if (item === undefined) return undefined;
      list.push(item);
    }
    return list;
  }
}

/** One connection to Redis. Commands may be written ahead of their replies; replies come in the order of the commands. */
export class RedisLine {
  readonly #socket: Socket;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #taken = 0;
  closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new ReplyReader();
    socket.on('data', (chunk: Buffer) => {
      for (const reply of reader.take(chunk)) {
        this.#waiting[this.#taken]?.resolve(reply);
        this.#taken += 1;
      }
      if (this.#taken > 10_000) this.#waiting.splice(0, this.#taken), (this.#taken = 0);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.closed = true;
      for (const { reject } of this.#waiting.splice(this.#taken)) reject(new Error('the connection to Redis is gone'));
    });
  }

  static connect(port: number): Promise<RedisLine> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new RedisLine(socket));
      });
    });
  }

  /** Commands that were written and not answered yet. */
  get pending(): number {
    return this.#waiting.length - this.#taken;
  }

  /** Writes a command and resolves with its reply; rejects where Redis answers with an error or is gone before. */
  async ask(...words: readonly (string | number | Buffer)[]): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.expect(resolve, reject);
      this.write(command(...words));
    });
    if (reply instanceof Error) throw reply;
    return reply;
  }

  /** For commands written by `write`, in their order: who gets the next reply. */
  expect(resolve: (reply: Reply) => void, reject: (error: Error) => void): void {
    if (this.closed) reject(new Error('the connection to Redis is gone'));
    else this.#waiting.push({ resolve, reject });
  }

  write(bytes: Buffer): void {
    if (!this.closed) this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Asks once over a connection of its own. */
export async function askRedis(port: number, ...words: readonly (string | number | Buffer)[]): Promise<Reply> {
  const line = await RedisLine.connect(port);
  try {
    return await line.ask(...words);
  } finally {
    line.close();
  }
}
