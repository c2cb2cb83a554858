import { open } from 'lmdb';
import { PulseError } from '../domain/errors/errors.ts';
import { checkRoom, diskError, onDisk } from './disk-error.ts';

/** An LMDB folder that stands in for Redis: what is not there is told as Redis would be. */
export interface LmdbFolder {
  readonly root: ReturnType<typeof open>;
  /** Throws `redis.unavailable` once it was closed. */
  checkOpen(): void;
  /** Does `work` in a transaction; resolves once it is on the disk. Rejects with `redis.unavailable`, or with `disk.unwritable`. */
  change<T>(work: () => T): Promise<T>;
  close(): Promise<void>;
}

/** Opens the folder at `path`; several processes may. Throws `disk.unwritable`. */
export function openLmdbFolder(path: string): LmdbFolder {
  const root = opened(path);
  let closed = false;
  const checkOpen = (): void => {
    if (closed) throw new PulseError('redis.unavailable', { at: path, reason: 'it was closed' });
  };
  return {
    root,
    checkOpen,
    async change(work) {
      checkOpen();
      return onDisk(path, async () => {
        const result = root.transactionSync(work);
        await root.flushed;
        return result;
      });
    },
    async close() {
      closed = true;
      await root.close();
    },
  };
}

function opened(path: string): ReturnType<typeof open> {
  checkRoom(path);
  try {
    return open({ path, maxDbs: 4, mapSize: 2 ** 30 });
  } catch (cause) {
    throw diskError(path, cause);
  }
}
