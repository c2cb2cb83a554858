import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { PulseError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Query, Row } from '../../ports/database.ts';
import { lockFolder } from '../folder-lock.ts';
import { databaseError, untilClear } from './database-error.ts';
import type { PgliteAnswer, PgliteCall } from './pglite-calls.ts';

export interface PgliteOptions {
  /** Folder of the database. */
  readonly path: string;
  readonly clock: Clock;
}

type Unsent<C> = C extends unknown ? Omit<C, 'id'> : never;

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
  if (!existsSync(join(path, 'PG_VERSION'))) await makeFolder(path);
  const thread = new PgliteThread(path);
  await thread.opened;
  return thread;
}

/**
 * In a process of its own: it takes some hundred megabytes, and a process gives back little of what it had. Beside its place, so that none
 * that is half made is ever taken for one. Where that fails, the thread makes it, or says why it cannot be made.
 */
async function makeFolder(path: string): Promise<void> {
  const made = `${path}.new`;
  await rm(made, { recursive: true, force: true });
  // From now on whoever looks finds that there is an embedded database.
  await mkdir(path, { recursive: true });
  const maker = fileURLToPath(new URL('./pglite-folder.ts', import.meta.url));
  const child = spawn(process.execPath, [maker, made], { stdio: 'ignore' });
  const [code] = await once(child, 'exit').catch(() => [null]);
  if (code === 0) await rename(made, path).catch(() => undefined);
  await rm(made, { recursive: true, force: true });
}

/** Calls to the thread, matched with its answers. */
class PgliteThread {
  readonly opened: Promise<unknown>;
  readonly #path: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve(rows: Record<string, unknown>[]): void; reject(error: PulseError): void }
  >();
  #calls = 0;
  #ended: string | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), { workerData: { path } });
    this.opened = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }));
    this.#worker.on('message', (answer: PgliteAnswer) => this.#answer(answer));
    this.#worker.on('error', (error: Error) => this.#end(error.message));
    this.#worker.on('exit', (code) => this.#end(`its thread ended with code ${code}`));
  }

  call(call: Unsent<PgliteCall>): Promise<Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) return reject(this.#unavailable(this.#ended));
      this.#calls += 1;
      this.#waiting.set(this.#calls, { resolve, reject });
      this.#worker.postMessage({ ...call, id: this.#calls });
    });
  }

  async close(): Promise<void> {
    if (this.#ended === null) await this.call({ kind: 'close' });
    await this.#worker.terminate();
  }

  #answer(answer: PgliteAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('rows' in answer) waiting?.resolve(answer.rows);
    else waiting?.reject(databaseError({ message: answer.failed, sqlstate: answer.sqlstate }, this.#path));
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#unavailable(reason));
    this.#waiting.clear();
  }

  #unavailable(reason: string): PulseError {
    return new PulseError('database.unavailable', { at: this.#path, reason });
  }
}
