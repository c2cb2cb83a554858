import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ExchangeSocket } from '../../ports/exchange-socket.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Random } from '../../ports/random.ts';
import type { ExchangeFormat } from './exchange-format.ts';

export interface ConnectionNeeds {
  readonly socket: ExchangeSocket;
  readonly clock: Clock;
  /** For the jitter of the delays between attempts. */
  readonly random: Random;
  readonly journal: Journal;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly symbols: readonly string[];
  /** A connection that brings nothing for this long is given up, in milliseconds. */
  readonly silenceMs: number;
  /** The first delay before another attempt; each one after it is twice as long, up to `longestDelayMs`. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

/** A connection that held this long was a good one: the next delay is short again. */
const GOOD_MS = 30_000;

/** Keeps a subscription at an exchange: connects, subscribes, notices silence, and connects again for ever. */
export class ExchangeConnection {
  readonly #needs: ConnectionNeeds;
  readonly #format: ExchangeFormat;
  readonly #options: ConnectionOptions;
  #up = false;
  /** Whether its loss has been told. */
  #lost = false;
  connections = 0;

  constructor(needs: ConnectionNeeds, format: ExchangeFormat, options: ConnectionOptions) {
    this.#needs = needs;
    this.#format = format;
    this.#options = options;
  }

  /** Whether frames come in. */
  get up(): boolean {
    return this.#up;
  }

  /** Calls `frame` for each frame; resolves when `signal` aborts. */
  async run(frame: (text: string) => void, signal: AbortSignal): Promise<void> {
    const { clock, random, journal } = this.#needs;
    const { url, firstDelayMs, longestDelayMs } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const since = clock.monotonic();
      const reason = await this.#hold(frame, signal);
      this.#up = false;
      if (signal.aborted) return;
      if (clock.monotonic() - since > GOOD_MS) attempt = 0;
      // Half of the delay is chance, so that many feeds that were cut off together do not come back together.
      const delay = Math.round(Math.min(longestDelayMs, firstDelayMs * 2 ** attempt) * (0.5 + 0.5 * random.next()));
      const error = new PulseError('feed.exchange.lost', { exchange: this.#format.name, at: url, reason, delay });
      if (!this.#lost) journal.event('warn', 'engine.lost', error.message, { exchange: this.#format.name });
      this.#lost = true;
      await clock.sleep(delay, signal);
    }
  }

  /** One connection, from its opening to its end; resolves with why it ended. */
  async #hold(frame: (text: string) => void, signal: AbortSignal): Promise<string> {
    const { socket, clock, journal } = this.#needs;
    const { url, symbols, silenceMs } = this.#options;
    const over = new AbortController();
    const hurry = new AbortController();
    let last = clock.monotonic();
    let send: (text: string) => void = () => undefined;
    let silent = false;

    const watch = async (): Promise<void> => {
      while (!over.signal.aborted) {
        // Four looks a silence: a timer that is early by a hair must not leave it without the question.
        await clock.sleep(silenceMs / 4, over.signal);
        const quiet = clock.monotonic() - last;
        if (quiet >= silenceMs) {
          silent = true;
          hurry.abort();
          return;
        }
        // A market may be quiet; an exchange that answers is not dead.
        if (quiet >= silenceMs / 2) send(this.#format.ping);
      }
    };
    const watching = watch();
    const listener = {
      opened: (sendText: (text: string) => void): void => {
        send = sendText;
        this.connections += 1;
        last = clock.monotonic();
        for (const text of this.#format.subscribe(symbols)) send(text);
      },
      frame: (text: string): void => {
        last = clock.monotonic();
        if (this.#lost)
          journal.event('info', 'engine.restored', `${this.#format.name} sends again`, {
            exchange: this.#format.name,
            connections: this.connections,
          });
        this.#lost = false;
        this.#up = true;
        frame(text);
      },
    };
    const reason = await socket.hold(url, listener, AbortSignal.any([signal, hurry.signal]));
    over.abort();
    await watching;
    return silent ? `it sent nothing for ${silenceMs} ms` : reason;
  }
}
