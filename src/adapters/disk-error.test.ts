import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fullDisk, smallDisk } from '../../test/support/small-disk.ts';
import { openLmdbFolder } from './lmdb-folder.ts';
import { lmdbSpool } from './spool/lmdb.ts';

const PAYLOAD = Buffer.alloc(100_000, 'x');
test('a full disk is told as one, by what stands in for Redis and by the spool', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === null) return skip('no disk can be mounted here');
  const streams = openLmdbFolder(join(disk, 'streams'));
  const spool = lmdbSpool(join(disk, 'spool'));
  const fill = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await streams.change(() => streams.root.putSync(`entry ${i}`, PAYLOAD));
  };
  await expect(fill()).rejects.toMatchObject(fullDisk(join(disk, 'streams')));
  const tick = { channel: 'ticks.EURUSD', payload: PAYLOAD, receivedAt: 1, since: 1, instance: 'mirror', seq: 1 };
  const spoolAll = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await spool.append([tick]);
  };
  await expect(spoolAll()).rejects.toMatchObject(fullDisk(join(disk, 'spool')));
  expect(() => lmdbSpool(join(disk, 'another'))).toThrowError(expect.objectContaining(fullDisk(join(disk, 'another'))));
});
