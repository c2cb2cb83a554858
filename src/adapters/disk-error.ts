import { existsSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PulseError } from '../domain/errors/errors.ts';
import { fileReason } from './file-reason.ts';

/** Less than this is no room: LMDB writes in pages, and needs some of them for each change. */
const NO_ROOM = 1_048_576;
const FULL = 'its disk is full';

/** Why a write below `path` failed. LMDB tells a full disk as any other input/output error, so that the disk is looked at. */
export function diskError(path: string, cause: unknown): PulseError {
  if (cause instanceof PulseError) return cause;
  return new PulseError('disk.unwritable', { path, reason: isFull(path) ? FULL : fileReason(cause) }, { cause });
}

/** What `work` resolves with. Rejects with `disk.unwritable`. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(path, error);
  }
}

/** To be called before LMDB makes a new folder at `path`: where it finds no room for its lock file, the system ends the process. Throws `disk.unwritable`. */
export function checkRoom(path: string): void {
  if (!existsSync(join(path, 'lock.mdb')) && isFull(existsSync(path) ? path : dirname(path)))
    throw new PulseError('disk.unwritable', { path, reason: FULL });
}

function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < NO_ROOM;
  } catch {
    // The folder itself is gone, or may not be looked at: the error that was caught says more.
    return false;
  }
}
