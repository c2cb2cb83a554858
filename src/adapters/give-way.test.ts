import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/system.ts';
import { lmdbEntryStream } from './entry-stream/lmdb.ts';
import { lmdbRecordLog } from './record-log/lmdb.ts';

const clock = systemClock();

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pulse-turns-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** How often others had a turn while `work` went on. */
async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0;
  let over = false;
  const turn = (): void => {
    turns += 1;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  over = true;
  return turns;
}

test('whoever reads a stream page after page lets others have their turns', async () => {
  const streams = lmdbEntryStream({ path: await folder(), clock });
  onTestFinished(() => streams.close());
  await streams.append(Array.from({ length: 10_000 }, () => ({ stream: 's', fields: { j: 'x' } })));
  const turns = await turnsDuring(async () => {
    for (let from = '-'; ; ) {
      const page = await streams.range('s', from, '+', 500);
      if (page.length === 0) break;
      from = `(${page.at(-1)!.id}`;
    }
  });
  expect(turns).toBeGreaterThanOrEqual(5);
});

test('the same of a log', async () => {
  const log = lmdbRecordLog({ path: await folder(), clock });
  onTestFinished(() => log.close());
  await log.createTopics([{ topic: 't' }]);
  await log.append(Array.from({ length: 10_000 }, () => ({ topic: 't', key: null, value: Buffer.from('x') })));
  const turns = await turnsDuring(async () => {
    for (let from = 0; from < 10_000; from += 500) await log.read([{ topic: 't', partition: 0, from, max: 500 }]);
  });
  expect(turns).toBeGreaterThanOrEqual(5);
});
