import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimDataDir, makeDataDir, runningIn } from './data-dir.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = () => join(folder, 'pulse.run.json');

test('a claim names the process and its address, and goes with it', async () => {
  const run = await claimDataDir(join(folder, 'a', 'b'), '1.2.3', 0);
  await run.setAddresses('http://127.0.0.1:7420', 'http://127.0.0.1:8002');
  expect(await runningIn(join(folder, 'a', 'b'))).toMatchObject({
    pid: process.pid,
    address: 'http://127.0.0.1:7420',
    mcp2: 'http://127.0.0.1:8002',
    version: '1.2.3',
    startedAt: '1970-01-01T00:00:00.000Z',
  });
  await run.release();
  expect(await runningIn(join(folder, 'a', 'b'))).toBeNull();
});

test.each`
  what                             | path                   | says
  ${'where no folder can be made'} | ${'/proc/pulse/data'}  | ${'no folder can be made there'}
  ${'below a file'}                | ${'package.json/data'} | ${'a part of the path is no directory'}
  ${'that is a file'}              | ${'package.json'}      | ${'it is no folder'}
`('a directory $what is refused in one line', async ({ path, says }) => {
  await expect(makeDataDir(path)).rejects.toThrow(`the data directory ${path} cannot be used: ${says}; give another`);
});

test('a directory is claimed once', async () => {
  const run = await claimDataDir(folder, '1', 0);
  await expect(claimDataDir(folder, '1', 0)).rejects.toThrow(
    `the data directory ${folder} is in use by process ${process.pid}; stop it, or give another --data-dir (PULSE_DATA_DIR)`,
  );
  await run.release();
  await (await claimDataDir(folder, '1', 0)).release();
});

test.each([
  ['a process that is gone', async () => JSON.stringify({ pid: await pidOfTheDead(), birth: null, address: null })],
  [
    'another process that got the same pid',
    async () => JSON.stringify({ pid: process.ppid, birth: 'long ago', address: 'http://127.0.0.1:1' }),
  ],
  ['a write that was cut off', async () => '{"pid":'],
])('what %s left behind does not hold the directory', async (_, contents) => {
  await writeFile(file(), await contents());
  expect(await runningIn(folder)).toBeNull();
  const run = await claimDataDir(folder, '1', 0);
  expect(JSON.parse(await readFile(file(), 'utf8')).pid).toBe(process.pid);
  await run.release();
});

test('of many claims at once one wins', async () => {
  await writeFile(file(), JSON.stringify({ pid: await pidOfTheDead(), birth: null }));
  const claims = await Promise.allSettled(Array.from({ length: 8 }, () => claimDataDir(folder, '1', 0)));
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a directory that cannot be made is one clear line', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeDataDir(join(folder, 'file', 'data'))).rejects.toMatchObject({ code: 'host.data-dir', exit: 73 });
  await access(folder);
});

async function pidOfTheDead(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}
