import { createHash } from 'node:crypto';
import type { RedisClient, RedisConnection } from './connection.ts';

export type Reply = number | Buffer | null | readonly Reply[];

export const send = <T extends Reply>(client: RedisClient, args: readonly (string | Buffer)[]): Promise<T> =>
  client.sendCommand([...args]) as Promise<unknown> as Promise<T>;

/** A script of the server's. Each runs alone, and is in the append-only file whole or not at all. */
export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
}

export const script = (name: string, source: string): Script => ({
  name,
  source,
  sha: createHash('sha1').update(source).digest('hex'),
});

/** What the server was never given, or has forgotten with its restart, it is given along. */
export async function runScript<T extends Reply>(
  connection: RedisConnection,
  { name, source, sha }: Script,
  keys: readonly string[],
  args: readonly (string | Buffer)[],
  timeoutMs?: number,
): Promise<T> {
  const rest = [String(keys.length), ...keys, ...args];
  return connection.run(
    name,
    async (client) => {
      try {
        return await send<T>(client, ['EVALSHA', sha, ...rest]);
      } catch (error) {
        if (!String(error).includes('NOSCRIPT')) throw error;
        return send<T>(client, ['EVAL', source, ...rest]);
      }
    },
    timeoutMs,
  );
}
