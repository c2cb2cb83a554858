import type { PubSub, SubscriptionListener } from '../../ports/pub-sub.ts';
import { globExpression } from '../glob.ts';

/** Pub/sub within a process: `publish` calls every listener before it resolves. */
export function memoryPubSub(): PubSub {
  const subscriptions = new Set<{ readonly matches: RegExp; readonly listener: SubscriptionListener }>();
  return {
    async publish(messages) {
      for (const { channel, payload } of messages)
        for (const { matches, listener } of subscriptions)
          if (matches.test(channel)) listener.message(channel, payload);
    },
    async subscribe(pattern, listener, signal) {
      if (signal.aborted) return;
      const subscription = { matches: globExpression(pattern), listener };
      subscriptions.add(subscription);
      listener.joined();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      subscriptions.delete(subscription);
    },
    // The process is its own server: it always answers.
    ping: () => Promise.resolve(),
    async close() {
      subscriptions.clear();
    },
  };
}
