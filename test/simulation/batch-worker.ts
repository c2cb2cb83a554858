import { parentPort } from 'node:worker_threads';
import { type BatchOptions, runBatch } from './batch.ts';

parentPort!.on('message', (options: BatchOptions) => {
  // detached: a failure ends the worker, and its owner hears of that
  void runBatch(options).then((tally) => parentPort!.postMessage(tally));
});
