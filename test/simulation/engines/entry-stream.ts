import type { EntryStream } from '../../../src/ports/entry-stream.ts';
import type { Life } from '../life.ts';
import type { RedisServer } from './redis-server.ts';

const noGroups = (): Promise<never> => Promise.reject(new Error('nothing that is simulated reads streams in groups'));

/** The streams of the simulated Redis, as one process uses them. */
export function simulatedEntryStream(server: RedisServer, life: Life): EntryStream {
  return {
    append: (entries) => life.call(server, 'XADD', () => entries.map((entry) => server.append(entry))),
    range: (stream, from, to, count) => life.call(server, 'XRANGE', () => server.range(stream, from, to, count)),
    newest: (stream, count, before) => life.call(server, 'XREVRANGE', () => server.newest(stream, count, before)),
    streams: (pattern) => life.call(server, 'SCAN', () => server.streamNames(pattern)),
    readGroup: noGroups,
    claim: noGroups,
    ack: noGroups,
    ping: () => life.call(server, 'PING', () => undefined),
    close: () => Promise.resolve(),
  };
}
