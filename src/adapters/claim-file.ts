import { linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
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
    if (written(file, JSON.stringify(mark))) return null;
    const holder = readMark<T>(file);
    if (holder !== null && isRunning(holder)) return holder;
    removeStale(file);
  }
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

/** Only who holds the takeover removes the file, and looks again before: a claim that was made meanwhile stays. */
function removeStale(file: string): void {
  const takeover = `${file}.takeover`;
  if (!written(takeover, '')) {
    const since = statSync(takeover, { throwIfNoEntry: false })?.mtimeMs;
    const now = Date.now(); // ambient-ok: the age of a file is told by the machine's clock alone
    if (since !== undefined && now - since > TAKEOVER_MS) remove(takeover);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    return;
  }
  try {
    const holder = readMark(file);
    if (holder === null || !isRunning(holder)) remove(file);
  } finally {
    remove(takeover);
  }
}

/** Whether the file is ours now. Whoever sees it sees all of its text: one that is still empty would be taken for what a crash left. */
function written(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    // A file system without links.
    return made(file, text);
  } finally {
    remove(draft);
  }
}

function made(file: string, text: string): boolean {
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
