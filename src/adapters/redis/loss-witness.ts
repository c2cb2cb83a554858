import type { Clock } from '../../ports/clock.ts';
import type { LossReason } from '../../ports/pub-sub.ts';
import type { RedisConnection } from './connection.ts';
import { type Limits, pubSubLimits, type Testimony, testify, waitingFor } from './testimony.ts';

const LOOK_MS = 250;
/** How long a look at what waits for the client stands for what waits. */
const RECENT_MS = 2_000;
/** The server remembers for so long how much waited for any client. */
const SERVER_MEMORY_MS = 8_000;
/** What a message costs in the server's buffer beside channel and payload, at least: pattern, channel, lengths. */
const FRAME_BYTES = 40;

/**
 * Finds out why a subscription was lost. Redis cuts off a slow subscriber without a word. Since 7.2 it counts such cuts. Before, it was
 * one where the same server closed the connection, nobody had it closed, and what waited for the client had come near the limit: as
 * seen while it waited, as the server remembers it for some seconds, or, for a process that was stopped, as follows from what was
 * published meanwhile. In doubt it is a `disconnect`.
 */
export class LossWitness {
  readonly #commands: RedisConnection;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  #before: Testimony | null = null;
  #limits: Limits | null = null;
  /** The last looks at what waits for the client, oldest first: bytes, and when (monotonic milliseconds). */
  #looks: { at: number; bytes: number }[] = [];
  #messages = 0;
  #bytes = 0;

  constructor(commands: RedisConnection, clock: Clock) {
    this.#commands = commands;
    this.#clock = clock;
  }

  /** To be called before the subscription is made. */
  async begin(): Promise<void> {
    this.#before = await testify(this.#commands);
    // Where the server counts, nothing else is needed.
    if (this.#before !== null && this.#before.cutOff === null) this.#limits = await pubSubLimits(this.#commands);
  }

  /** The subscription stands; `client` is its id at the server, null where that is not known. */
  joined(client: number | null): void {
    if (this.#limits === null || client === null) return;
    this.#clock.every(LOOK_MS, () => this.#look(client), this.#over.signal);
  }

  /** A message arrived. */
  heard(payloadBytes: number): void {
    this.#messages += 1;
    this.#bytes += payloadBytes + FRAME_BYTES;
  }

  /** The subscription is over. */
  end(): void {
    this.#over.abort();
  }

  /** To be called when the connection is lost; `by` whom it was ended. */
  async reason(by: 'server' | 'network' | 'silence'): Promise<LossReason> {
    this.end();
    if (by !== 'server') return 'disconnect';
    const lostAt = this.#clock.monotonic();
    const now = await testify(this.#commands);
    const before = this.#before;
    if (now === null || before === null || now.runId !== before.runId) return 'disconnect';
    if (now.cutOff !== null && before.cutOff !== null) return now.cutOff > before.cutOff ? 'overflow' : 'disconnect';
    if (this.#limits === null || now.closed > before.closed) return 'disconnect';
    return this.#waited(before, now, this.#limits, lostAt) ? 'overflow' : 'disconnect';
  }

  /** Whether so much waited for the client that the server will have cut it off. */
  #waited(before: Testimony, now: Testimony, { hard, soft }: Limits, lostAt: number): boolean {
    const limit = Math.min(hard || Number.POSITIVE_INFINITY, soft || Number.POSITIVE_INFINITY);
    // Between two looks as much again may come.
    const near = limit / 2;
    const last = this.#looks.at(-1);
    const recent = this.#looks.filter(({ at }) => lostAt - at < RECENT_MS);
    if (recent.some(({ bytes }) => bytes >= near)) return true;
    // Shown to be near nothing just before: what waited then was another's.
    if (last !== undefined && lostAt - last.at < 2 * LOOK_MS && last.bytes < near / 8) return false;
    if (now.mostWaiting >= near) return true;
    if (last !== undefined && lostAt - last.at < SERVER_MEMORY_MS) return false;
    const missed = now.published - before.published - this.#messages;
    return this.#messages > 0 && missed * (this.#bytes / this.#messages) >= limit;
  }

  async #look(client: number): Promise<void> {
    const bytes = await waitingFor(this.#commands, client);
    if (bytes === null) return;
    const at = this.#clock.monotonic();
    this.#looks = [...this.#looks.filter((look) => at - look.at < RECENT_MS), { at, bytes }];
  }
}
