import type { PubSub, SubscriptionListener } from '../../ports/pub-sub.ts';

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

/** A Redis glob as an expression: `*`, `?`, `[ae]`, `[^e]`, `[a-b]` and `\` before a literal. */
function globExpression(glob: string): RegExp {
  let source = '';
  for (let i = 0; i < glob.length; i += 1) {
    const c = glob[i]!;
    const end = c === '[' ? glob.indexOf(']', i + 1) : -1;
    if (c === '*') source += '.*';
    else if (c === '?') source += '.';
    else if (end > i) {
      source += glob.slice(i, end + 1).replace('\\', '\\\\');
      i = end;
    } else if (c === '\\' && i + 1 < glob.length) source += literal(glob[(i += 1)]!);
    else source += literal(c);
  }
  return new RegExp(`^${source}$`, 's');
}

const literal = (c: string): string => c.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
