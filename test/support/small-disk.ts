import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A disk of two megabytes, for as long as the test lasts; null where none can be mounted here. */
export function smallDisk(): string | null {
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

/** What is told of a folder whose disk is full. */
export const fullDisk = (path: string) => ({
  code: 'disk.unwritable',
  retry: true,
  message: `cannot write ${path}: its disk is full; look at that disk, or give another --data-dir (PULSE_DATA_DIR)`,
});
