// Reads a subscription in a thread of its own: whatever the thread that takes the messages is busy with, the socket is emptied, and Redis
// has no reason to cut a slow subscriber off.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock/system.ts';
import { BatchWriter } from './batch-writer.ts';
import { SubscriptionConnection } from './subscription-connection.ts';
import {
  type MessageBatch,
  type SubscriptionCall,
  type SubscriptionNews,
  type SubscriptionOrder,
  sizeOfBatch,
} from './subscription-news.ts';

const port = parentPort!;
const order = workerData as SubscriptionOrder;
const clock = systemClock();
let connection: SubscriptionConnection | null = null;
/** Bytes that were given and not taken yet. */
let waiting = 0;

const tell = (news: Exclude<SubscriptionNews, MessageBatch>): void => {
  batches.flush();
  port.postMessage(news);
};

const batches = new BatchWriter(clock, (batch) => {
  waiting += sizeOfBatch(batch);
  port.postMessage(batch, [batch.payloads, batch.index.buffer]);
  // Redis then keeps what follows, within its own limits, and cuts the subscriber off beyond them.
  if (waiting > order.waitingBytes) connection?.pause();
});

function connect(): void {
  connection = new SubscriptionConnection(
    order,
    {
      message: (bytes, channelFrom, channelTo, payloadFrom, payloadTo) =>
        batches.message(bytes, channelFrom, channelTo, payloadFrom, payloadTo),
      joined: (client) => tell({ kind: 'joined', client }),
      caughtUp: (since) => tell({ kind: 'caught-up', since }),
      overwritten: () => batches.flush(),
      ended(by) {
        connection = null;
        tell({ kind: 'ended', by });
      },
    },
    clock,
  );
}

port.on('message', (call: SubscriptionCall) => {
  if (call.kind === 'connect') return connect();
  if (call.kind === 'end') return connection === null ? tell({ kind: 'ended', by: 'silence' }) : connection.end();
  waiting -= call.bytes;
  if (waiting <= order.waitingBytes / 2) connection?.resume();
});
