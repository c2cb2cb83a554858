import type { Clock } from '../../ports/clock.ts';
import type { LossReason } from '../../ports/pub-sub.ts';
import type { RedisConnection } from './connection.ts';

/** What the server told of itself. */
interface Testimony {
  readonly runId: string;
  /** Subscribers that were cut off since the server started; null where the server does not count them (before Redis 7.2). */
  readonly cutOff: number | null;
}

const BEAT_MS = 250;
/** A process that stood still for so long may have been cut off. */
const STALL_MS = 1_500;
const ASK_MS = 1_000;
const RECENT_MS = 60_000;

/**
 * Finds out why a subscription was lost. Redis cuts off a slow subscriber without a word: where it counts such cuts the count tells,
 * and before 7.2 a server that is still the same and a subscriber that stood still do.
 */
export class LossWitness {
  readonly #commands: RedisConnection;
  readonly #clock: Clock;
  #before: Testimony | null = null;
  #beat: number;
  #stalledAt = Number.NEGATIVE_INFINITY;

  constructor(commands: RedisConnection, clock: Clock) {
    this.#commands = commands;
    this.#clock = clock;
    this.#beat = clock.monotonic();
  }

  /** Notes how things stand, and from then on whether this process stands still; until `over` aborts. */
  async begin(over: AbortSignal): Promise<void> {
    this.#before = await this.#ask();
    this.#beat = this.#clock.monotonic();
    this.#clock.every(BEAT_MS, () => this.#look(), over);
  }

  /** To be called when the subscription is lost. */
  async reason(): Promise<LossReason> {
    this.#look();
    const now = await this.#ask();
    const before = this.#before;
    if (now === null || before === null || now.runId !== before.runId) return 'disconnect';
    if (now.cutOff !== null && before.cutOff !== null) return now.cutOff > before.cutOff ? 'overflow' : 'disconnect';
    return this.#clock.monotonic() - this.#stalledAt < RECENT_MS ? 'overflow' : 'disconnect';
  }

  #look(): void {
    const now = this.#clock.monotonic();
    if (now - this.#beat > STALL_MS) this.#stalledAt = now;
    this.#beat = now;
  }

  async #ask(): Promise<Testimony | null> {
    try {
      const text = await this.#commands.run(
        'INFO',
        async (client) => `${await client.info('server')}\n${await client.info('stats')}`,
        ASK_MS,
      );
      const field = (name: string): string | undefined => new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1]?.trim();
      const cutOff = field('client_output_buffer_limit_disconnections');
      return { runId: field('run_id') ?? '', cutOff: cutOff === undefined ? null : Number(cutOff) };
    } catch {
      // A server that does not answer, or does not allow INFO, is no witness.
      return null;
    }
  }
}
