import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Finding } from '../../domain/event/checkup-finding.ts';

const GB = 1024 ** 3;
const LOW = 2 * GB;
const VERY_LOW = GB / 4;

/** Looks at the data directory: whether it can be written, and what room it has. */
export async function diskCheckup(path: string): Promise<Finding[]> {
  const [folder, missing] = await existing(resolve(path));
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [
      {
        check: 'data-dir.writable',
        status: 'fail',
        found: `${path} cannot be written: ${(error as Error).message}`,
        meaning: 'the spool and the embedded engines have no place',
        remedy: 'make it writable for this user, or give another --data-dir (PULSE_DATA_DIR)',
      },
    ];
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${(free / GB).toFixed(1)} GB free at ${path}`;
  return [
    { check: 'data-dir.writable', status: 'ok', found: missing ? `${path} can be made` : `${path} can be written` },
    free >= LOW
      ? { check: 'data-dir.space', status: 'ok', found }
      : {
          check: 'data-dir.space',
          status: free < VERY_LOW ? 'fail' : 'warn',
          found,
          meaning: 'when the disk is full the spool overflows, and what it cannot take is a gap',
          remedy: 'free some space, or give a --data-dir on a larger disk',
        },
  ];
}

/** The folder, or the nearest one above it that is there. */
async function existing(folder: string): Promise<[folder: string, missing: boolean]> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      await access(at, constants.F_OK);
      return [at, at !== folder];
    } catch (error) {
      if (dirname(at) === at) throw error;
    }
  }
}
