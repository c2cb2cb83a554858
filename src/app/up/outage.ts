import { timeOf } from '../../domain/tick/tick-envelope.ts';
import type { PubSub, SubscriptionListener } from '../../ports/pub-sub.ts';

/** A pub/sub whose subscribers are cut off from the first tick of [from, to), by event time in epoch milliseconds, to the first one after. */
export function outagePubSub(inner: PubSub, from: number, to: number): { readonly pubSub: PubSub; missed(): number } {
  let missed = 0;
  const during = (listener: SubscriptionListener): SubscriptionListener => {
    let cut = false;
    return {
      joined: (asked) => listener.joined(asked),
      lost: (reason) => listener.lost(reason),
      caughtUp: (since) => listener.caughtUp?.(since),
      message(channel, payload, arrivedAt) {
        const ts = timeOf(payload) ?? 0;
        if (ts >= from && ts < to) {
          if (!cut) listener.lost('disconnect');
          cut = true;
          missed += 1;
          return;
        }
        if (cut) listener.joined();
        cut = false;
        listener.message(channel, payload, arrivedAt);
      },
    };
  };
  return {
    pubSub: { ...inner, subscribe: (pattern, listener, signal) => inner.subscribe(pattern, during(listener), signal) },
    missed: () => missed,
  };
}
