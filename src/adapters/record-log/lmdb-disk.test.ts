import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fullDisk, smallDisk } from '../../../test/support/small-disk.ts';
import { systemClock } from '../clock/system.ts';
import { lmdbRecordLog } from './lmdb.ts';

const clock = systemClock();
test('a full disk is told as one, not as a log that cannot be reached, and what was acknowledged stays', async ({
  skip,
}) => {
  const disk = smallDisk();
  if (disk === null) return skip('no disk can be mounted here');
  const path = join(disk, 'log');
  const log = lmdbRecordLog({ path, clock });
  let taken = 0;
  const fill = async (): Promise<void> => {
    for (; taken < 100; taken += 1)
      await log.append([{ topic: 'ticks.EURUSD', key: null, value: Buffer.alloc(100_000) }]);
  };
  await expect(fill()).rejects.toMatchObject(fullDisk(path));
  expect(taken).toBeGreaterThan(2);
  const [range] = await log.ranges(['ticks.EURUSD']);
  expect(range?.end).toBeGreaterThanOrEqual(taken);
  await log.close();
});

test('a log on a disk without room is not opened, and that is why', ({ skip }) => {
  const disk = smallDisk();
  if (disk === null) return skip('no disk can be mounted here');
  try {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(3_000_000));
  } catch {
    // As much as there is room for.
  }
  const path = join(disk, 'log');
  expect(() => lmdbRecordLog({ path, clock })).toThrow(expect.objectContaining(fullDisk(path)));
});
