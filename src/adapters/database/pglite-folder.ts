import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Makes the folder of an embedded PostgreSQL; for whoever holds its lock. In a process of its own: that takes some hundred megabytes, and a
 * process gives back little of what it had. Beside its place and under a name of its own, so that none is taken for a whole one that is
 * half made, and two never write into one: what a killed process had begun its maker may still write for a moment. Where it fails, the
 * thread makes the folder, or says why it cannot be made.
 */
export async function makePgliteFolder(path: string): Promise<void> {
  await Promise.all((await unfinished(path)).map(remove));
  // From now on whoever looks finds that there is an embedded database.
  await mkdir(path, { recursive: true });
  const made = await mkdtemp(`${path}.new-`);
  const maker = fileURLToPath(new URL('./pglite-maker.ts', import.meta.url));
  const child = spawn(process.execPath, [maker, made], { stdio: ['pipe', 'ignore', 'ignore'] });
  const [code] = await once(child, 'exit').catch(() => [null]);
  if (code === 0) await rename(made, path).catch(() => undefined);
  await remove(made);
}

/** What those that were killed had begun. */
async function unfinished(path: string): Promise<string[]> {
  const begun = `${basename(path)}.new`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name === begun || name.startsWith(`${begun}-`))
    .map((name) => join(dirname(path), name));
}

/** Tries again for a second: its maker may be about to end. */
const remove = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
