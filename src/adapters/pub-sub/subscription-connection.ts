import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../ports/clock.ts';
import { RespReader, type RespSink } from './resp-reader.ts';
import type { ConnectionOptions, EndedBy } from './subscription-news.ts';

export interface ConnectionListener {
  /** Bytes [from, to) of a channel's name and of a payload, to be copied by the time that `overwritten` returns. */
  message: RespSink['message'];
  overwritten(): void;
  joined(client: number | null): void;
  caughtUp(since: number): void;
  /** Once; nothing comes after it. */
  ended(by: EndedBy): void;
}

const CONNECT_MS = 3_000;
const BEAT_MS = 1_000;
/** So many beats without a byte, although a PING was asked, and the connection is half open. */
const SILENT_BEATS = 5;
const KEEP_ALIVE_MS = 5_000;

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

type Step = 'login' | 'database' | 'client' | 'subscribe';

/** One subscribed connection: reads, and asks now and then whether the server still answers. */
export class SubscriptionConnection {
  readonly #listener: ConnectionListener;
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #reader: RespReader;
  readonly #over = new AbortController();
  /** What the next answers are to; empty once it has joined. */
  readonly #steps: Step[];
  #client: number | null = null;
  /** When the PING was asked that is not answered yet (epoch milliseconds). */
  #asked: number | null = null;
  #heard = false;
  #silentBeats = 0;
  #paused = false;
  #endedBy: EndedBy = 'server';

  constructor(options: ConnectionOptions, listener: ConnectionListener, clock: Clock) {
    this.#listener = listener;
    this.#clock = clock;
    this.#reader = new RespReader({
      message: (bytes, channelFrom, channelTo, payloadFrom, payloadTo) =>
        listener.message(bytes, channelFrom, channelTo, payloadFrom, payloadTo),
      answer: (kind, text) => this.#answer(kind, text),
      overwritten: () => listener.overwritten(),
    });
    const { host, port, tls } = options;
    const plain = {
      host,
      port,
      onread: { buffer: () => this.#reader.room(), callback: (count: number) => this.#read(count) },
    };
    const encrypted = tls?.ca == null ? plain : { ...plain, ca: Buffer.from(tls.ca) };
    this.#socket = tls === null ? connectPlain(plain) : connectTls(encrypted);
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that closes with commands unread resets the connection.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') this.#endedBy = 'network';
    });
    this.#socket.once('close', () => {
      this.#over.abort();
      listener.ended(this.#endedBy);
    });
    this.#steps = this.#login(options);
    // It reads whenever there is something; `end` would not come otherwise.
    this.#socket.resume();
    const { signal } = this.#over;
    // detached: `sleep` never rejects
    void clock.sleep(CONNECT_MS, signal).then(() => {
      if (this.#steps.length > 0) this.#end('silence');
    });
    clock.every(BEAT_MS, () => this.#afterReading(() => this.#beat()), signal);
  }

  /** Sends all commands at once: their answers come in order. */
  #login({ login, database, pattern }: ConnectionOptions): Step[] {
    const steps: [Step, string][] = [];
    if (login !== null) steps.push(['login', command('AUTH', login.user, login.password)]);
    if (database !== 0) steps.push(['database', command('SELECT', String(database))]);
    steps.push(['client', command('CLIENT', 'ID')], ['subscribe', command('PSUBSCRIBE', pattern)]);
    this.#socket.write(steps.map(([, text]) => text).join(''));
    return steps.map(([step]) => step);
  }

  /** Leaves what arrives to the socket, until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#silentBeats = 0;
    this.#socket.resume();
  }

  /** Lets it go. */
  end(): void {
    this.#end('silence');
  }

  #read(count: number): boolean {
    this.#heard = true;
    try {
      this.#reader.received(count);
    } catch {
      // Not a Redis, or not in step with it any more.
      this.#end('network');
    }
    return !this.#paused;
  }

  #answer(kind: 'ok' | 'error' | 'array', text: string): void {
    const step = this.#steps.shift();
    if (step === undefined) return this.#pong(text);
    if (step === 'client') this.#client = kind === 'ok' ? Number(text) : null;
    else if (kind === 'error') this.#end('server');
    else if (step === 'subscribe') this.#listener.joined(this.#client);
  }

  /** The answer to a PING comes behind all that was published before it was asked. */
  #pong(text: string): void {
    const asked = this.#asked;
    if (text !== 'pong' || asked === null) return;
    this.#asked = null;
    this.#listener.caughtUp(asked);
  }

  /**
   * A process that was stopped or busy first comes to its timers, then to its sockets: what has arrived meanwhile must be read before
   * silence is concluded, and a connection that the server has closed must not be written to while there is something to read from it.
   */
  #afterReading(work: () => void): void {
    setImmediate(work); // ambient-ok: the event loop alone knows when it has read
  }

  /** Silence is counted in beats, between which there was a chance to read, not in time, which may pass while the process is stopped. */
  #beat(): void {
    if (this.#over.signal.aborted || this.#steps.length > 0) return;
    this.#silentBeats = this.#heard || this.#paused || this.#asked === null ? 0 : this.#silentBeats + 1;
    this.#heard = false;
    if (this.#silentBeats >= SILENT_BEATS) return this.#end('silence');
    if (this.#asked !== null || this.#paused) return;
    this.#asked = this.#clock.now();
    this.#socket.write(command('PING'));
  }

  #end(by: EndedBy): void {
    this.#endedBy = by;
    this.#socket.destroy();
  }
}
