import { Worker } from 'node:worker_threads';
import { PulseError } from '../../domain/errors/errors.ts';
import { databaseError } from './database-error.ts';
import type { PgliteAnswer, PgliteCall } from './pglite-calls.ts';

type Unsent<C> = C extends unknown ? Omit<C, 'id'> : never;

/** A thread that runs PGlite: calls to it, matched with its answers. */
export class PgliteThread {
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
