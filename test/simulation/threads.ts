import { Worker } from 'node:worker_threads';
import { type BatchOptions, emptyTally, type Tally } from './batch.ts';

/** Runs seeds on several threads, in pieces that each takes as it gets free. */
export async function runThreads(
  options: BatchOptions,
  threads: number,
  onPiece: (sum: Tally) => void = () => undefined,
): Promise<Tally> {
  const sum = emptyTally();
  const piece = Math.max(1, Math.min(100, Math.ceil(options.count / threads)));
  let next = options.from;
  const lane = async (): Promise<void> => {
    while (next < options.from + options.count && !(options.untilFirst && sum.failed.length > 0)) {
      const from = next;
      next += piece;
      const count = Math.min(piece, options.from + options.count - from);
      add(sum, await inThread({ ...options, from, count }));
      onPiece(sum);
    }
  };
  await Promise.all(Array.from({ length: threads }, lane));
  sum.failed.sort((a, b) => a.seed - b.seed);
  return sum;
}

function inThread(options: BatchOptions): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./batch-worker.ts', import.meta.url), { workerData: options });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread of the simulation ended with ${code}`)));
  });
}

function add(sum: Tally, part: Tally): void {
  sum.seeds += part.seeds;
  sum.ticks += part.ticks;
  sum.released += part.released;
  sum.failed.push(...part.failed);
  for (const [kind, n] of part.fired) sum.fired.set(kind, (sum.fired.get(kind) ?? 0) + n);
}
