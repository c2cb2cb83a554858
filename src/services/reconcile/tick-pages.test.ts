import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import { barTopic } from '../../domain/bar/bar-topics.ts';
import { epochHeaders } from '../../domain/tape/epoch.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { candidateSide } from './candidate-side.ts';
import { tickPages } from './tick-pages.ts';

const TOPIC = 'ticks.EURUSD';
const TEN = Date.UTC(2014, 4, 1, 10);

async function openLog(): Promise<RecordLog> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-ticks-'));
  const log = lmdbRecordLog({ path: folder, clock: systemClock() });
  onTestFinished(async () => {
    await log.close();
    await rm(folder, { recursive: true });
  });
  return log;
}

/** Ticks numbered [from, to), one each millisecond, as the mirror of `epoch` writes them. */
async function write(log: RecordLog, epoch: number, from: number, to: number, follows?: number): Promise<void> {
  await log.append(
    Array.from({ length: to - from }, (_, i) => ({
      topic: TOPIC,
      key: 'EURUSD',
      value: Buffer.from(JSON.stringify({ ts: TEN + from + i, price: 1.38, volume: 1 })),
      headers: new Map(epochHeaders(epoch, i === 0 && follows !== undefined ? new Map([[0, follows]]) : null)),
      timestamp: TEN + from + i,
    })),
  );
}

async function taken(log: RecordLog, from: number, to: number): Promise<number[]> {
  const [range] = await log.ranges([TOPIC]);
  const found: number[] = [];
  for await (const page of tickPages(log, range!, from, to))
    for (const { value } of page) found.push((JSON.parse(value!.toString()) as { ts: number }).ts - TEN);
  return found;
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** At 10 the second mirror looks; up to 30 the first one is late before it, up to 35 after it. */
async function takenOver(): Promise<RecordLog> {
  const log = await openLog();
  await write(log, 1, 0, 30);
  await write(log, 2, 10, 40, 10);
  await write(log, 1, 30, 35);
  await write(log, 2, 40, 50);
  return log;
}

test('where one mirror took over from another, each tick is read once', async () => {
  expect(await taken(await takenOver(), 0, 75)).toEqual(numbers(0, 50));
});

test.each`
  from  | to    | what
  ${20} | ${75} | ${numbers(20, 50)}
  ${30} | ${75} | ${numbers(30, 50)}
  ${45} | ${75} | ${numbers(30, 50)}
  ${55} | ${75} | ${numbers(35, 50)}
  ${60} | ${65} | ${[]}
  ${10} | ${40} | ${numbers(10, 30)}
`('a stretch from $from to $to reads as it does within the whole', async ({ from, to, what }) => {
  expect(await taken(await takenOver(), from, to)).toEqual(what);
});

test('a stretch that begins long after the take-over is read from there, and not from the beginning', async () => {
  const log = await takenOver();
  await write(log, 2, 50, 60_050);
  const reads: number[] = [];
  const watched: RecordLog = {
    ...log,
    read: async (requests) => {
      reads.push(...requests.map(({ from }) => from));
      return log.read(requests);
    },
  };
  expect(await taken(watched, 60_000, 60_075)).toEqual(numbers(59_975, 60_050));
  expect(Math.min(...reads)).toBeGreaterThan(30_000);
});

test('what reconcile looks up of a minute holds each tick once', async () => {
  const log = await takenOver();
  await log.createTopics([{ topic: barTopic('EURUSD', '1m'), compacted: true }]);
  const side = await candidateSide(log, () => false).read('EURUSD');
  const ticks = (await side.ticksOf([TEN])).get(TEN);
  expect(ticks?.map(({ ts }) => ts - TEN)).toEqual(numbers(0, 50));
});
