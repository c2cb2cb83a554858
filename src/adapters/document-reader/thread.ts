import { Worker } from 'node:worker_threads';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DocumentReader, GivenDocument, ReadDocument } from '../../ports/document-reader.ts';
import { READY, type ReaderAnswer, type ReaderCall } from './thread-calls.ts';

export interface ThreadReaderOptions {
  readonly clock: Clock;
  /** For the reading of one document (default 15,000). */
  readonly limitMs?: number;
  /** Characters of the documents that are read or wait (default 64 Mi: that many short ones, or 32 of the largest). */
  readonly mostCharacters?: number;
}

/** Of the thread: a text of 2 MB takes some 100 MB. */
const MEMORY_MB = 512;

/** Reads documents in a thread, which begins with the first of them. Where one takes too long the thread is ended, and the next begins another. */
export function threadReader({
  clock,
  limitMs = 15_000,
  mostCharacters = 67_108_864,
}: ThreadReaderOptions): DocumentReader {
  let thread: ReaderThread | null = null;
  let taken = 0;
  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();

  async function inThread({ id, content, format }: GivenDocument): Promise<ReadDocument> {
    const unreadable = (reason: string): PulseError => new PulseError('document.unreadable', { document: id, reason });
    if (closed) throw unreadable('the process ends');
    if (thread === null || thread.ended) thread = new ReaderThread();
    const reading = thread;
    // Its start is no fault of the document.
    await reading.ready;
    const done = new AbortController();
    const late = clock.sleep(limitMs, done.signal).then(async () => {
      if (!done.signal.aborted) await reading.end(`that takes longer than ${limitMs / 1_000} s`);
    });
    try {
      const answer = await reading.read({ content, format });
      if ('failed' in answer) throw unreadable(answer.failed);
      return answer;
    } finally {
      done.abort();
      await late;
    }
  }

  return {
    async read(document) {
      const { length } = document.content;
      if (taken > 0 && taken + length > mostCharacters)
        throw new PulseError('document.busy', { document: document.id, waiting: taken });
      taken += length;
      const done = turn.then(() => inThread(document));
      turn = done.catch(() => undefined);
      try {
        return await done;
      } finally {
        taken -= length;
      }
    },
    async close() {
      closed = true;
      await thread?.end('the process ends');
    },
  };
}

/** The thread and the document that it reads. Once it is ready it keeps no process alive without one. */
class ReaderThread {
  ended = false;
  /** Also where it ended before it was ready. */
  readonly ready: Promise<void>;
  readonly #becameReady: () => void;
  readonly #worker = new Worker(new URL('./thread-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  #reading: ((answer: ReaderAnswer) => void) | null = null;
  /** Why it ended. */
  #reason = '';

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#becameReady = resolve;
    this.#worker.on('message', (message: ReaderAnswer | typeof READY) =>
      message === READY ? this.#becameReady() : this.#settle(message),
    );
    this.#worker.on('error', (error: Error) => this.#gone(error.message));
    this.#worker.on('exit', (code) => this.#gone(`its thread ended with code ${code}`));
  }

  read(call: ReaderCall): Promise<ReaderAnswer> {
    if (this.ended) return Promise.resolve({ failed: this.#reason });
    return new Promise((resolve) => {
      this.#reading = resolve;
      this.#worker.ref();
      this.#worker.postMessage(call);
    });
  }

  async end(reason: string): Promise<void> {
    this.#gone(reason);
    await this.#worker.terminate();
  }

  #settle(answer: ReaderAnswer): void {
    this.#worker.unref();
    this.#reading?.(answer);
    this.#reading = null;
  }

  #gone(reason: string): void {
    if (!this.ended) this.#reason = reason;
    this.ended = true;
    this.#becameReady();
    this.#settle({ failed: reason });
  }
}
