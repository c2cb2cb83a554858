import { open } from 'lmdb';
import type { KeyValue } from '../../ports/key-value.ts';

/** Keys in an LMDB folder at `path`: durable when `set` resolves. */
export function lmdbKeyValue({ path }: { path: string }): KeyValue & { close(): Promise<void> } {
  const root = open<string, string>({ path, encoding: 'string' });
  return {
    get: async (key) => root.get(key) ?? null,
    async set(key, value) {
      await root.put(key, value);
      await root.flushed;
    },
    close: () => root.close(),
  };
}
