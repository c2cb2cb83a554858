import { mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { PulseError } from '../../domain/errors.ts';
import { claimFile } from '../claim-file.ts';
import { ownMark } from '../running-process.ts';

/** Takes a folder for one user alone, by a file beside it; gives how to let it go. Rejects with `database.locked`. */
export function lockFolder(path: string): () => void {
  const file = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true });
  const holder = claimFile(file, ownMark());
  if (holder !== null) throw new PulseError('database.locked', { path, pid: holder.pid });
  return () => unlinkSync(file);
}
