import { readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { isRunning, type ProcessMark } from './running-process.ts';

/** A takeover is a matter of microseconds: one that is older was cut off by a crash. */
const TAKEOVER_MS = 5_000;
const WAIT_MS = 5;

/**
 * Writes `mark` to a file that one process at a time may hold; null when it is ours now, else what the process wrote that holds it.
 * What a process left behind that is gone is taken over; of several that try at once one wins. Throws what the file system does.
 */
export function claimFile<T extends ProcessMark>(file: string, mark: T): T | null {
  for (;;) {
    const holder = holderOf<T>(file);
    if (holder !== null) return holder;
    if (takenOver(file, mark)) return null;
  }
}

function holderOf<T extends ProcessMark>(file: string): T | null {
  const mark = readMark<T>(file);
  return mark !== null && isRunning(mark) ? mark : null;
}

/** The file's mark; null where it is missing, or was cut off in the middle of a crash. */
export function readMark<T extends ProcessMark>(file: string): T | null {
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as T;
    return Number.isSafeInteger(mark.pid) ? mark : null;
  } catch (error) {
    // What another user wrote may not be readable; it holds all the same.
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error;
    return null;
  }
}

/**
 * Puts `mark` in the place of what nobody holds. Only who holds the takeover does, and looks again before: else of two that found a file
 * free, the second would remove what the first has just written. False: another was at it.
 */
function takenOver(file: string, mark: ProcessMark): boolean {
  const takeover = `${file}.takeover`;
  if (!written(takeover, '')) {
    const since = statSync(takeover, { throwIfNoEntry: false })?.mtimeMs;
    const now = Date.now(); // ambient-ok: the age of a file is told by the machine's clock alone
    if (since !== undefined && now - since > TAKEOVER_MS) remove(takeover);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS); // ambient-ok: locks are taken without awaiting, and a Clock only awaits
    return false;
  }
  try {
    if (holderOf(file) !== null) return false;
    remove(file);
    return written(file, JSON.stringify(mark));
  } finally {
    remove(takeover);
  }
}

function written(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
