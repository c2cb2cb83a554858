import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../clock/system.ts';
import { pgliteDatabase } from './pglite.ts';

const OPENER = fileURLToPath(new URL('../../../test/support/database-opener.ts', import.meta.url));
const PATIENCE = { timeout: 30_000, interval: 10 };
/** A database that is made has more files. */
const WHOLE = 900;

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-pglite-folder-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const unfinished = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('database.new'));

/** Processes whose command line names something in `folder`. */
async function atWorkIn(folder: string): Promise<string[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(numbers.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

/** Opens a database in a process that is killed while the folder is made: once it has as many entries as `size`. */
async function killWhileMaking(folder: string, size: number): Promise<void> {
  const opener = spawn(process.execPath, [OPENER, join(folder, 'database')], { stdio: 'ignore' });
  await vi.waitFor(async () => {
    const sizes = (await unfinished(folder)).map(async (name) => (await readdir(join(folder, name))).length);
    expect(Math.max(0, ...(await Promise.all(sizes)))).toBeGreaterThanOrEqual(size);
  }, PATIENCE);
  opener.kill('SIGKILL');
  await once(opener, 'exit');
}

// Its maker went on, in the folder that the next one was making too: a database of two halves.
test('who is killed while the folder is made leaves nobody who makes it to the end', { timeout: 120_000 }, async () => {
  const folder = await emptyFolder();
  await killWhileMaking(folder, 1);
  await vi.waitFor(async () => expect(await atWorkIn(folder)).toEqual([]), PATIENCE);
  const [begun] = await unfinished(folder);
  const files = await readdir(join(folder, begun!), { recursive: true });
  expect(files.length).toBeLessThan(WHOLE);
});

test('the next one makes a whole one at once, and clears away what was begun', { timeout: 120_000 }, async () => {
  const folder = await emptyFolder();
  for (const size of [1, 12, 20]) await killWhileMaking(folder, size);
  const database = await pgliteDatabase({ path: join(folder, 'database'), clock: systemClock() });
  onTestFinished(() => database.close());
  expect(await database.query(`SELECT count(*)::int AS n FROM pg_database`)).toEqual([{ n: 3 }]);
  expect(await unfinished(folder)).toEqual([]);
  expect((await readdir(join(folder, 'database'), { recursive: true })).length).toBeGreaterThan(WHOLE);
});
