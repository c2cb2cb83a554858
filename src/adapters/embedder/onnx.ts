import { Worker } from 'node:worker_threads';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Embedder } from '../../ports/embedder.ts';
import type { OnnxAnswer, OnnxCall, OnnxWorkerData } from './onnx-calls.ts';
import { onnxFolder } from './onnx-folder.ts';
import { unitVector } from './unit-vector.ts';

export interface OnnxEmbedderOptions {
  /** Folder with `model.onnx` and `tokenizer.json`, as sentence transformers are published. */
  readonly path: string;
}

/**
 * A sentence transformer in this process, in a thread of its own that begins with the first text. Nothing is downloaded. Rejects with
 * `embedder.refused` where the folder lacks a file.
 */
export async function onnxEmbedder({ path }: OnnxEmbedderOptions): Promise<Embedder> {
  const { name, ...data } = await onnxFolder(path);
  let thread: OnnxThread | null = null;
  let closed = false;

  async function vectorOf(text: string, signal: AbortSignal): Promise<Float32Array> {
    signal.throwIfAborted();
    if (closed) throw new PulseError('embedder.unavailable', { name, reason: 'it is closed' });
    // One that ended, for want of memory perhaps, is begun anew.
    if (thread === null || thread.ended) thread = new OnnxThread(name, data);
    const vector = unitVector(await untilAborted(thread.call(text), signal));
    if (vector === null) throw new PulseError('embedder.refused', { name, reason: 'a vector has no direction' });
    return vector;
  }

  // Text by text, so that a query waits for one text of an indexing at most.
  const embed: Embedder['embed'] = async (texts, signal) => {
    signal.throwIfAborted();
    const vectors: Float32Array[] = [];
    for (const text of texts) vectors.push(await vectorOf(text, signal));
    return vectors;
  };
  let dimensions: number | null = null;
  return {
    name,
    embed,
    async dimensions(signal) {
      dimensions ??= (await vectorOf('length', signal)).length;
      return dimensions;
    },
    async close() {
      closed = true;
      await thread?.close();
    },
  };
}

const untilAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });

/** Calls to the thread, matched with its answers. */
class OnnxThread {
  ended = false;
  readonly #name: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(vector: Float32Array): void; reject(error: PulseError): void }>();
  #calls = 0;

  constructor(name: string, workerData: OnnxWorkerData) {
    this.#name = name;
    this.#worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), { workerData });
    this.#worker.on('message', (answer: OnnxAnswer) => this.#answer(answer));
    this.#worker.on('error', (error: Error) => this.#end(error.message));
    this.#worker.on('exit', (code) => this.#end(`its thread ended with code ${code}`));
  }

  call(text: string): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#calls += 1;
      this.#waiting.set(this.#calls, { resolve, reject });
      this.#worker.postMessage({ id: this.#calls, text } satisfies OnnxCall);
    });
  }

  async close(): Promise<void> {
    this.#end('it is closed');
    await this.#worker.terminate();
  }

  #answer(answer: OnnxAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('vector' in answer) waiting?.resolve(answer.vector);
    else waiting?.reject(new PulseError('embedder.refused', { name: this.#name, reason: answer.failed }));
  }

  #end(reason: string): void {
    this.ended = true;
    for (const { reject } of this.#waiting.values())
      reject(new PulseError('embedder.unavailable', { name: this.#name, reason }));
    this.#waiting.clear();
  }
}
