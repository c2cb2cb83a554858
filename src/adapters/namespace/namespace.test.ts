import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LogRecord } from '../../ports/record-log.ts';
import { systemClock } from '../clock/system.ts';
import { lmdbEntryStream } from '../entry-stream/lmdb.ts';
import { memoryPubSub } from '../pub-sub/memory.ts';
import { lmdbRecordLog } from '../record-log/lmdb.ts';
import { namespacedLog, namespacedPubSub, namespacedStreams } from './namespace.ts';

const clock = systemClock();

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pulse-namespace-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('channels of two namespaces, and those outside, do not hear one another', async () => {
  const inner = memoryPubSub();
  const [a, b] = [namespacedPubSub(inner, 'a.'), namespacedPubSub(inner, 'b.')];
  const heard: string[] = [];
  const end = new AbortController();
  const listener = {
    message: (channel: string) => void heard.push(channel),
    joined: () => undefined,
    lost: () => undefined,
  };
  const subscribed = a.subscribe('ticks.*', listener, end.signal);
  await b.publish([{ channel: 'ticks.EURUSD', payload: Buffer.from('b') }]);
  await inner.publish([{ channel: 'ticks.EURUSD', payload: Buffer.from('outside') }]);
  await a.publish([{ channel: 'ticks.GBPUSD', payload: Buffer.from('a') }]);
  end.abort();
  await subscribed;
  expect(heard).toEqual(['ticks.GBPUSD']);
});

test('streams of two namespaces are apart, and are named as their users name them', async () => {
  const inner = lmdbEntryStream({ path: join(await folder(), 'streams'), clock });
  onTestFinished(() => inner.close());
  const [a, b] = [namespacedStreams(inner, 'a:'), namespacedStreams(inner, 'b:')];
  await a.append([{ stream: 'v2:ticks:l1', fields: { j: 'a' } }]);
  expect(await b.streams('v2:*')).toEqual([]);
  expect(await a.streams('v2:*')).toEqual(['v2:ticks:l1']);
  expect((await a.newest('v2:ticks:l1', 1)).map(({ stream }) => stream)).toEqual(['v2:ticks:l1']);
  expect(await inner.streams('a:*')).toEqual(['a:v2:ticks:l1']);
});

test('topics of two namespaces are apart, by name and by pattern', async () => {
  const inner = lmdbRecordLog({ path: join(await folder(), 'log'), clock });
  onTestFinished(() => inner.close());
  const [a, b] = [namespacedLog(inner, 'a.'), namespacedLog(inner, 'b.')];
  const value = Buffer.from('{}');
  await a.append([{ topic: 'ticks.EURUSD', key: 'EURUSD', value }]);
  await b.append([{ topic: 'ticks.GBPUSD', key: 'GBPUSD', value }]);
  expect(await a.topics()).toEqual(['ticks.EURUSD']);
  const end = new AbortController();
  const seen: LogRecord[] = [];
  await a.consume(
    { group: 'bars', topics: { match: /^ticks\./ } },
    async (records) => {
      seen.push(...records);
      end.abort();
      return records.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1 }));
    },
    end.signal,
  );
  expect(seen.map(({ topic }) => topic)).toEqual(['ticks.EURUSD']);
  expect((await a.committed('bars')).map(({ topic }) => topic)).toEqual(['ticks.EURUSD']);
  expect(await b.committed('bars')).toEqual([]);
});
