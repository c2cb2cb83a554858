import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { claimFile } from './claim-file.ts';
import { isRunning, ownMark } from './running-process.ts';

const CLAIMER = fileURLToPath(new URL('../../test/support/claimer.ts', import.meta.url));

async function lockFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-claim-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'spool.lock');
}

test('of processes that claim a file over and over, no two ever have it', { timeout: 60_000 }, async () => {
  const file = await lockFile();
  const counts = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [CLAIMER, file, '3000']);
      return JSON.parse(stdout) as { had: number; shared: number };
    }),
  );
  expect(counts.reduce((sum, { had }) => sum + had, 0)).toBeGreaterThan(100);
  expect(counts.map(({ shared }) => shared)).toEqual([0, 0, 0, 0]);
});

test('a process that is stopped has its file still', async () => {
  const file = await lockFile();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  await writeFile(file, JSON.stringify({ pid: child.pid, birth: null }));
  expect(claimFile(file, ownMark())).toMatchObject({ pid: child.pid });
});

test('after a restart of the system no process of before has its file, though one got the same pid at the same count', async () => {
  const file = await lockFile();
  const { boot } = ownMark();
  await writeFile(file, JSON.stringify({ ...ownMark(), boot: boot === null ? null : 'an earlier one' }));
  expect(isRunning(ownMark())).toBe(true);
  if (boot !== null) expect(claimFile(file, ownMark())).toBeNull();
});

test('leaves nothing beside the file', async () => {
  const file = await lockFile();
  await writeFile(file, '{"pid":');
  expect(claimFile(file, ownMark())).toBeNull();
  expect(await readdir(join(file, '..'))).toEqual(['spool.lock']);
});

// Root reads everything.
test.skipIf(process.getuid?.() === 0)('a file that may not be read is not taken', async () => {
  const file = await lockFile();
  await writeFile(file, JSON.stringify(ownMark()));
  await chmod(file, 0);
  expect(() => claimFile(file, ownMark())).toThrow('EACCES');
});
