import type { Clock } from '../../src/ports/clock.ts';
import type { PubSub, SubscriptionListener } from '../../src/ports/pub-sub.ts';

/** How one process hears a server: late, not at all, or never again once it was killed. */
export class OwnLine {
  readonly #clock: Clock;
  readonly #lagMs: number;
  #listener: SubscriptionListener | null = null;
  /** What has arrived since it was cut: null where it is not cut, or has no subscription. */
  #late: { readonly asked: number; readonly waiting: (() => void)[] } | null = null;
  #isCut = false;
  killed = false;

  /** `lagMs`: how long what has arrived waits until the process is told of it. */
  constructor(clock: Clock, lagMs: number) {
    this.#clock = clock;
    this.#lagMs = lagMs;
  }

  /** The subscription is lost, and stays so. */
  cut(): void {
    this.#isCut = true;
    this.#listener?.lost('disconnect');
  }

  /** The server has the subscription again; the process hears of that, and of all that came since, with `arrive`. */
  joinLate(): void {
    this.#late = { asked: this.#clock.now(), waiting: [] };
  }

  arrive(): void {
    const { asked, waiting } = this.#late!;
    this.#late = null;
    this.#isCut = false;
    this.#listener?.joined(asked);
    this.#listener?.caughtUp?.(asked);
    for (const tell of waiting) tell();
  }

  #tell(what: () => unknown): void {
    if (this.killed) return;
    if (this.#isCut) this.#late?.waiting.push(() => this.killed || what());
    else if (this.#lagMs === 0) what();
    else void this.#clock.sleep(this.#lagMs).then(() => this.killed || what()); // detached: `sleep` never rejects
  }

  of(pubsub: PubSub): PubSub {
    const clock = this.#clock;
    return {
      publish: (messages) => pubsub.publish(messages),
      subscribe: (pattern, listener, signal) => {
        this.#listener = listener;
        return pubsub.subscribe(
          pattern,
          {
            message: (channel, payload, arrivedAt = clock.now()) =>
              this.#tell(() => listener.message(channel, payload, arrivedAt)),
            joined: (asked = clock.now()) => this.#tell(() => listener.joined(asked)),
            lost: (reason) => this.#tell(() => listener.lost(reason)),
            caughtUp: (since) => this.#tell(() => listener.caughtUp?.(since)),
          },
          signal,
        );
      },
      ping: () => pubsub.ping(),
      close: () => pubsub.close(),
    };
  }
}
