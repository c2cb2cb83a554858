import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLmdbFolder } from './lmdb-folder.ts';
import { lmdbSpool } from './spool/lmdb.ts';

/** A disk of two megabytes, or why none can be had here. */
function smallDisk(): string | null {
  const path = mkdtempSync(join(tmpdir(), 'pulse-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return null;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  });
  return path;
}

const PAYLOAD = Buffer.alloc(100_000, 'x');
const full = (path: string) => ({
  code: 'disk.unwritable',
  retry: true,
  message: `cannot write ${path}: its disk is full; look at that disk, or give another --data-dir (PULSE_DATA_DIR)`,
});

test('a full disk is told as one, by what stands in for Redis and by the spool', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === null) return skip('no disk can be mounted here');
  const streams = openLmdbFolder(join(disk, 'streams'));
  const spool = lmdbSpool(join(disk, 'spool'));
  const fill = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await streams.change(() => streams.root.putSync(`entry ${i}`, PAYLOAD));
  };
  await expect(fill()).rejects.toMatchObject(full(join(disk, 'streams')));
  const tick = { channel: 'ticks.EURUSD', payload: PAYLOAD, receivedAt: 1, since: 1, instance: 'mirror', seq: 1 };
  const spoolAll = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await spool.append([tick]);
  };
  await expect(spoolAll()).rejects.toMatchObject(full(join(disk, 'spool')));
  expect(() => lmdbSpool(join(disk, 'another'))).toThrowError(expect.objectContaining(full(join(disk, 'another'))));
});
