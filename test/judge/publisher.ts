import { setTimeout as sleep } from 'node:timers/promises';
import type { Book, Published } from './book.ts';
import { Chance } from './chance.ts';
import { command, RedisLine } from './resp.ts';
import { formOf, TickMaker } from './tick-maker.ts';

const EVERY_MS = 10;
/** Commands that may wait for their answers. */
const MOST_PENDING = 20_000;
const STREAM = 'v2:ticks:l1';

export interface PublisherOptions {
  readonly number: number;
  readonly seed: number;
  /** Whether each tick also goes to the stream, before its channel. */
  readonly streams: boolean;
  /** By how much event time is behind the clock, in milliseconds. */
  readonly behindMs: number;
  /** A plant: every so many ticks one is written into the book and not sent; 0: none. */
  readonly forgetsEvery: number;
}

/** Publishes numbered ticks over one raw connection, as fast as it is told to, and writes all of them into the book. */
export class Publisher {
  readonly #port: number;
  readonly #book: Book;
  readonly #options: PublisherOptions;
  readonly #makers = new Map<string, TickMaker>();
  /** Symbols that tick all the time, and how many ticks a second that makes. */
  readonly #steady: string[] = [];
  #perSecond = 0;
  /** Ticks that are to be sent as soon as can be. */
  readonly #extra: string[] = [];
  readonly #chance: Chance;
  #line: RedisLine | null = null;
  #ended = false;
  #sent = 0;
  #working: Promise<void> | null = null;

  constructor(port: number, book: Book, options: PublisherOptions) {
    this.#port = port;
    this.#book = book;
    this.#options = options;
    this.#chance = new Chance(options.seed);
  }

  steady(symbols: readonly string[], perSecond: number): void {
    this.#steady.push(...symbols);
    this.#perSecond = perSecond;
  }

  /** Puts a tick of this symbol in front of the steady ones. */
  now(symbol: string): void {
    this.#extra.push(symbol);
  }

  start(): void {
    this.#working = this.#work();
  }

  /** Sends what was asked for by `now`, waits for the answers, and ends. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#working;
  }

  /** Waits until all that was asked for by `now` is sent and answered. */
  async sentAll(limitMs: number): Promise<void> {
    for (let waited = 0; waited < limitMs; waited += EVERY_MS) {
      if (this.#extra.length === 0 && this.#line !== null && this.#line.pending === 0) return;
      await sleep(EVERY_MS);
    }
  }

  async #work(): Promise<void> {
    let due = 0;
    let last = performance.now();
    const endBy = (): boolean => this.#ended && this.#extra.length === 0;
    for (let idle = 0; !endBy() && idle < 12_000; ) {
      if (this.#line === null || this.#line.closed) {
        this.#line = await RedisLine.connect(this.#port).catch(() => null);
        last = performance.now();
        // While Redis is away nothing is published: there is nobody to publish to.
        if (this.#line === null) {
          await sleep(50);
          idle += 1;
          continue;
        }
      }
      idle = 0;
      const now = performance.now();
      due += this.#ended ? 0 : (Math.min(now - last, 200) * this.#perSecond) / 1000;
      last = now;
      if (this.#line.pending < MOST_PENDING) {
        const steady = this.#steady.length === 0 ? 0 : Math.floor(due);
        due -= steady;
        const extra = this.#extra.splice(0, 5_000);
        for (let i = 0; i < steady; i += 1) extra.push(this.#chance.pick(this.#steady));
        this.#send(extra);
      }
      await sleep(EVERY_MS);
    }
    for (let waited = 0; waited < 10_000 && (this.#line?.pending ?? 0) > 0; waited += EVERY_MS) await sleep(EVERY_MS);
    this.#line?.close();
  }

  #send(symbols: readonly string[]): void {
    const line = this.#line!;
    const { streams, number, behindMs, forgetsEvery } = this.#options;
    const out: Buffer[] = [];
    for (const symbol of symbols) {
      const sentAt = Date.now();
      const ts = sentAt - behindMs;
      const payload = this.#maker(symbol).next(ts);
      const tick: Published = { symbol, publisher: number, payload, ts, sentAt, answeredAt: null, unsure: false };
      this.#book.add(tick);
      this.#sent += 1;
      if (forgetsEvery > 0 && this.#sent % forgetsEvery === 0) {
        tick.answeredAt = sentAt;
        continue;
      }
      const lost = (): void => {
        tick.unsure = true;
        tick.answeredAt ??= Date.now();
      };
      if (streams) {
        out.push(command('XADD', STREAM, 'MAXLEN', '~', 2_000_000, '*', 'symbol', symbol, 'j', payload));
        line.expect(refused(lost), lost);
      }
      out.push(command('PUBLISH', `ticks.${symbol}`, payload));
      line.expect((reply) => {
        if (reply instanceof Error) lost();
        else tick.answeredAt = Date.now();
      }, lost);
    }
    if (out.length > 0) line.write(Buffer.concat(out));
  }

  #maker(symbol: string): TickMaker {
    let maker = this.#makers.get(symbol);
    if (maker === undefined) {
      const seed = this.#chance.whole(0, 2 ** 31);
      maker = new TickMaker(symbol, formOf(new Chance(seed)), new Chance(seed + this.#options.number));
      this.#makers.set(symbol, maker);
    }
    return maker;
  }
}

/** Redis may answer with an error, as while it loads its data: then the tick is not there. */
const refused =
  (lost: () => void) =>
  (reply: unknown): void => {
    if (reply instanceof Error) lost();
  };
