import { mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { PulseError } from '../domain/errors/errors.ts';
import { claimFile, readMark } from './claim-file.ts';
import { fileReason } from './file-reason.ts';
import { ownMark, type ProcessMark } from './running-process.ts';

/**
 * Takes a folder for one user alone, by a file beside it; gives how to let it go. Throws `taken` while another process has it, stopped or
 * not, and `host.data-dir` where the file cannot be written. What a killed process left behind holds up nobody.
 */
export function lockFolder(path: string, taken: 'database.locked' | 'spool.locked'): () => void {
  const file = `${path}.lock`;
  let holder: ProcessMark | null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    holder = claimFile(file, ownMark());
  } catch (cause) {
    throw new PulseError('host.data-dir', { path: dirname(path), reason: fileReason(cause) }, { cause });
  }
  if (holder !== null) throw new PulseError(taken, { path, pid: holder.pid });
  let mine = true;
  return () => {
    // Once: then it may be somebody else's.
    if (mine && readMark(file)?.pid === process.pid) unlinkSync(file);
    mine = false;
  };
}
