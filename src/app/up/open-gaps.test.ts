import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import { GAPS_TOPIC } from '../../domain/gap/gap.ts';
import { openGapsOf } from './open-gaps.ts';

test('a gap counts as open until its newest record says otherwise, whichever run wrote it', async () => {
  const path = await mkdtemp(join(tmpdir(), 'pulse-gaps-'));
  const log = lmdbRecordLog({ path, clock: systemClock() });
  onTestFinished(async () => {
    await log.close();
    await rm(path, { recursive: true, force: true });
  });
  expect(await openGapsOf(log)).toBe(0);
  await log.createTopics([{ topic: GAPS_TOPIC, compacted: true }]);
  const gap = (id: string, status: 'open' | 'closed') => ({
    topic: GAPS_TOPIC,
    key: id,
    value: Buffer.from(JSON.stringify({ id, status, symbols: {} })),
  });
  await log.append([gap('outage', 'open'), gap('restart', 'open'), gap('restart', 'closed')]);
  expect(await openGapsOf(log)).toBe(1);
});
