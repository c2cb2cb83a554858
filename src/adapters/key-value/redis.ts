import type { KeyValue } from '../../ports/key-value.ts';
import { RedisConnection, type RedisOptions } from '../redis/connection.ts';
import { unlessOccupied } from '../redis/occupied.ts';

/** Redis strings. */
export function redisKeyValue(options: RedisOptions): KeyValue & { close(): Promise<void> } {
  const commands = new RedisConnection(options);
  return {
    get: (key) =>
      commands.run('GET', async (client) => (await client.get(key))?.toString() ?? null).catch(unlessOccupied(key)),
    async set(key, value) {
      await commands.run('SET', (client) => client.set(key, value));
    },
    close: () => commands.close(),
  };
}
