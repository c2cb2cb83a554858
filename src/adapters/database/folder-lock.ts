import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PulseError } from '../../domain/errors.ts';
import { isRunning, ownMark, type ProcessMark } from '../running-process.ts';

/** Folders that this process holds: a process may not hold one twice. */
const held = new Set<string>();

/** Takes a folder for this process alone, by a file beside it; gives how to let it go. Rejects with `database.locked`. */
export function lockFolder(path: string): () => void {
  const file = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(ownMark()), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readMark(file);
    if (holder !== null && isRunning(holder) && (holder.pid !== process.pid || held.has(path)))
      throw new PulseError('database.locked', { path, pid: holder.pid });
    // What is left of a process that was killed.
    unlinkSync(file);
  }
  held.add(path);
  return () => {
    if (held.delete(path)) unlinkSync(file);
  };
}

function readMark(file: string): ProcessMark | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessMark;
  } catch {
    // Cut off in the middle of a crash: nobody holds it.
    return null;
  }
}
