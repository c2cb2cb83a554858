import { parentPort } from 'node:worker_threads';
import { type BatchOptions, runBatch } from './batch.ts';

parentPort!.on('message', (options: BatchOptions) => {
  void runBatch(options).then((tally) => parentPort!.postMessage(tally));
});
