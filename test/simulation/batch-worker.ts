import { parentPort, workerData } from 'node:worker_threads';
import { type BatchOptions, runBatch } from './batch.ts';

parentPort!.postMessage(await runBatch(workerData as BatchOptions));
