import type { Clock } from '../../src/ports/clock.ts';
import type { Message, PubSub, SubscriptionListener } from '../../src/ports/pub-sub.ts';

/** Pub/sub whose subscriptions are cut and joined again by hand; a server that tells through when everything was delivered. */
export class HandPubSub implements PubSub {
  readonly #clock: Clock;
  readonly #listeners = new Set<SubscriptionListener>();
  #joined = true;
  /** What has arrived and was not told yet; null: what arrives is told at once. */
  #heldBack: (Message & { readonly arrivedAt: number })[] | null = null;
  /** What a subscription brings of which nobody has heard yet that it stands. */
  #late: { readonly asked: number; readonly messages: Message[] } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async publish(messages: readonly Message[]): Promise<void> {
    if (this.#heldBack !== null) {
      const arrivedAt = this.#clock.now();
      this.#heldBack.push(...messages.map((message) => ({ ...message, arrivedAt })));
      return;
    }
    if (!this.#joined) {
      this.#late?.messages.push(...messages);
      return;
    }
    for (const { channel, payload } of messages)
      for (const listener of this.#listeners) listener.message(channel, payload);
  }

  async subscribe(_pattern: string, listener: SubscriptionListener, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    if (this.#joined) listener.joined();
    this.#clock.every(200, () => this.#caughtUp(listener), signal);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    this.#listeners.delete(listener);
  }

  /** Tells that everything was delivered; it does so by itself, too, now and then. */
  caughtUp(): void {
    for (const listener of this.#listeners) this.#caughtUp(listener);
  }

  #caughtUp(listener: SubscriptionListener): void {
    const { arrivedAt } = this.#heldBack?.[0] ?? { arrivedAt: this.#clock.now() };
    if (this.#joined) listener.caughtUp?.(arrivedAt);
  }

  /** From now on what arrives waits, until it is handed over. */
  holdBack(): void {
    this.#heldBack = [];
  }

  /** Tells the first of what waits; once none is left, what arrives is told at once again. */
  async handOver(count: number): Promise<void> {
    for (const { channel, payload, arrivedAt } of this.#heldBack!.splice(0, count))
      for (const listener of this.#listeners) listener.message(channel, payload, arrivedAt);
    if (this.#heldBack!.length === 0) this.#heldBack = null;
  }

  cut(): void {
    this.#joined = false;
    for (const listener of this.#listeners) listener.lost('disconnect');
  }

  join(): void {
    this.#joined = true;
    for (const listener of this.#listeners) listener.joined();
  }

  /** The server has the subscription from now on; its listener, which stands still, hears of it, and of all that came, with `arrive`. */
  joinLate(): void {
    this.#late = { asked: this.#clock.now(), messages: [] };
  }

  async arrive(): Promise<void> {
    const { asked, messages } = this.#late!;
    this.#late = null;
    this.#joined = true;
    for (const listener of this.#listeners) {
      listener.joined(asked);
      listener.caughtUp?.(asked);
    }
    await this.publish(messages);
  }

  async ping(): Promise<void> {
    // It is there, whether subscriptions are or not.
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
