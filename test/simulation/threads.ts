import { Worker } from 'node:worker_threads';
import { type BatchOptions, emptyTally, type Tally } from './batch.ts';

/** Pieces that a thread takes: what killed processes left waiting is freed only with its thread, and adds up to half a megabyte a seed. */
const PIECES = 20;

/** Runs seeds on several threads, in pieces that each takes as it gets free. */
export async function runThreads(
  options: BatchOptions,
  threads: number,
  onPiece: (sum: Tally) => void = () => undefined,
): Promise<Tally> {
  const sum = emptyTally();
  const piece = Math.max(1, Math.min(100, Math.ceil(options.count / threads)));
  let next = options.from;
  const isOver = (): boolean => next >= options.from + options.count || (options.untilFirst && sum.failed.length > 0);
  const shift = async (): Promise<void> => {
    const thread = new SeedThread();
    try {
      for (let taken = 0; taken < PIECES && !isOver(); taken += 1) {
        const from = next;
        next += piece;
        const count = Math.min(piece, options.from + options.count - from);
        add(sum, await thread.run({ ...options, from, count }));
        onPiece(sum);
      }
    } finally {
      await thread.end();
    }
  };
  const lane = async (): Promise<void> => {
    while (!isOver()) await shift();
  };
  await Promise.all(Array.from({ length: threads }, lane));
  sum.failed.sort((a, b) => a.seed - b.seed);
  return sum;
}

/** One thread for many pieces: its code is compiled once, which costs as much as a hundred seeds. */
class SeedThread {
  readonly #worker = new Worker(new URL('./batch-worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });

  run(options: BatchOptions): Promise<Tally> {
    return new Promise((resolve, reject) => {
      const over = (code: number): void => reject(new Error(`a thread of the simulation ended with ${code}`));
      this.#worker.once('error', reject);
      this.#worker.once('exit', over);
      this.#worker.once('message', (tally: Tally) => {
        this.#worker.off('error', reject);
        this.#worker.off('exit', over);
        resolve(tally);
      });
      this.#worker.postMessage(options);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function add(sum: Tally, part: Tally): void {
  sum.seeds += part.seeds;
  sum.ticks += part.ticks;
  sum.released += part.released;
  sum.failed.push(...part.failed);
  for (const [kind, n] of part.fired) sum.fired.set(kind, (sum.fired.get(kind) ?? 0) + n);
}
