import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type RedisServer, redisAvailable, startRedis } from '../support/redis-server.ts';
import type { Adapter, Opened } from './adapter.ts';
import { handles } from './handles.ts';

type Closable = { close(): Promise<void> };

/** An adapter on a folder of its own. */
export const onFolder = <S extends Closable>(make: (path: string) => S): Adapter<S> => ({
  available: async () => null,
  open: async () => {
    const path = await mkdtemp(join(tmpdir(), 'pulse-contract-'));
    return handles(
      () => make(path),
      () => rm(path, { recursive: true }),
    );
  },
});

/** An adapter on a Redis server that all cases of the file share; its faults stop and start that server, and `more` what else. */
export function onRedis<S extends Closable>(
  make: (url: string) => S,
  more: (redis: RedisServer) => NonNullable<Opened<S>['faults']> = () => ({}),
): Adapter<S> {
  let server: Promise<RedisServer> | null = null;
  afterAll(async () => (await server)?.dispose());
  return {
    available: redisAvailable,
    open: async (): Promise<Opened<S>> => {
      server ??= startRedis();
      const redis = await server;
      const restart = async (): Promise<void> => {
        await redis.stop();
        await redis.start();
      };
      return handles(() => make(redis.url), undefined, { 'server restart': restart, ...more(redis) });
    },
  };
}
