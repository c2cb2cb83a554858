import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { claimFile, readMark } from '../../adapters/claim-file.ts';
import { fileReason } from '../../adapters/file-reason.ts';
import { isRunning, ownMark, type ProcessMark } from '../../adapters/running-process.ts';
import { PulseError } from '../../domain/errors/errors.ts';

/** What a running `pulse up` tells about itself in its data directory. */
export interface RunInfo extends ProcessMark {
  /** `http://host:port`; null until it listens. */
  readonly address: string | null;
  /** `http://host:port` of its mcp2; null until that listens. */
  readonly mcp2: string | null;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

export interface RunFile {
  /** Tells others where to ask. */
  setAddresses(address: string, mcp2: string | null): Promise<void>;
  release(): Promise<void>;
}

const NAME = 'pulse.run.json';

/** Makes the directory where it is missing. Rejects with `host.data-dir`. */
export async function makeDataDir(path: string): Promise<void> {
  try {
    await makeFolders(path);
    if (!statSync(path).isDirectory()) throw new PulseError('host.data-dir', { path, reason: 'it is no folder' });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (cause instanceof PulseError) throw cause;
    throw new PulseError('host.data-dir', { path, reason: fileReason(cause, NO_FOLDER) }, { cause });
  }
}

const NO_FOLDER = { ENOENT: 'no folder can be made there' };

/** One by one: where the system takes no folders at all (/proc), the recursive form of `mkdir` tries for ever. */
async function makeFolders(path: string): Promise<void> {
  const missing: string[] = [];
  for (let each = resolve(path); !existsSync(each); each = dirname(each)) missing.unshift(each);
  for (const each of missing) {
    await mkdir(each).catch((error: NodeJS.ErrnoException) => {
      // Another process made it meanwhile, or it is there and may not be looked at.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Says that this process runs in the directory. Rejects with `host.data-dir.in-use` while another one does. */
export async function claimDataDir(path: string, version: string, now: number): Promise<RunFile> {
  await makeDataDir(path);
  const file = join(path, NAME);
  let info: RunInfo = {
    ...ownMark(),
    address: null,
    mcp2: null,
    version,
    startedAt: new Date(now).toISOString(),
  };
  let other: RunInfo | null;
  try {
    other = claimFile(file, info);
  } catch (cause) {
    throw new PulseError('host.data-dir', { path, reason: fileReason(cause) }, { cause });
  }
  if (other !== null) throw new PulseError('host.data-dir.in-use', { path, pid: other.pid });
  return {
    async setAddresses(address, mcp2) {
      info = { ...info, address, mcp2 };
      await writeFile(`${file}.new`, JSON.stringify(info));
      await rename(`${file}.new`, file);
    },
    async release() {
      if (readMark(file)?.pid === process.pid) await unlink(file).catch(ignoreMissing);
    },
  };
}

/** The `pulse up` that runs in the directory, or null. */
export async function runningIn(path: string): Promise<RunInfo | null> {
  const info = readMark<RunInfo>(join(path, NAME));
  return info !== null && isRunning(info) ? info : null;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
