import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Query, Row } from '../../ports/database.ts';
import { lockFolder } from '../folder-lock.ts';
import { untilClear } from './database-error.ts';
import { makePgliteFolder } from './pglite-folder.ts';
import { PgliteThread } from './pglite-thread.ts';

export interface PgliteOptions {
  /** Folder of the database. */
  readonly path: string;
  readonly clock: Clock;
}

const VACUUM_EVERY_MS = 3_600_000;

/**
 * The embedded PostgreSQL, in a thread of its own. It never syncs its files: after a power cut the newest rows may be gone, so what is
 * kept here must be made again from the log. Rejects with `database.locked` while another process holds the folder.
 */
export async function pgliteDatabase({ path, clock }: PgliteOptions): Promise<Database> {
  const unlock = lockFolder(path, 'database.locked');
  const thread = await openThread(path).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const over = new AbortController();
  /** One at a time: a transaction has the whole connection. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };
  const query: Query = <R extends Row>(sql: string, params: readonly unknown[] = []) =>
    thread.call({ kind: 'query', sql, params }) as Promise<R[]>;
  // It has no autovacuum.
  clock.every(VACUUM_EVERY_MS, () => inTurn(async () => void (await query('VACUUM'))), over.signal);
  return {
    query: (sql, params) => inTurn(() => query(sql, params)),
    transaction: (work) =>
      inTurn(() =>
        untilClear(async () => {
          await query('BEGIN');
          try {
            const result = await work(query);
            await query('COMMIT');
            return result;
          } catch (error) {
            await query('ROLLBACK');
            throw error;
          }
        }),
      ),
    script: (sql) => inTurn(async () => void (await thread.call({ kind: 'script', sql }))),
    ping: () => inTurn(async () => void (await query('SELECT 1'))),
    async close() {
      over.abort();
      await inTurn(() => thread.close());
      unlock();
    },
  };
}

async function openThread(path: string): Promise<PgliteThread> {
  if (!existsSync(join(path, 'PG_VERSION'))) await makePgliteFolder(path);
  const thread = new PgliteThread(path);
  await thread.opened;
  return thread;
}
