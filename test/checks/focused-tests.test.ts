import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = process.cwd();

/** Runs vitest as this project configures it on one planted file. */
async function runPlanted(body: string): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-focused-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'test'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'test', 'planted.test.ts'), `import { expect, test } from 'vitest';\n${body}\n`);
  const { CI: _, ...env } = process.env;
  const args = ['run', '--root', folder, '--config', join(root, 'vitest.config.ts'), '--reporter=default'];
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), ...args],
      { env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

const other = "test('another', () => expect(1).toBe(1));";

test('a test.only fails the run on every machine, with CI set or not', async () => {
  const sound = await runPlanted(`test('one', () => expect(1).toBe(1));\n${other}`);
  expect(sound).toMatchObject({ code: 0, output: expect.stringContaining('2 passed') });
  const planted = await runPlanted(`test.only('one', () => expect(1).toBe(1));\n${other}`);
  expect(planted).toMatchObject({ code: 1, output: expect.stringContaining('Unexpected .only modifier') });
});

test('.ci/run sets CI before it tests', async () => {
  const lines = (await readFile(join(root, '.ci/run'), 'utf8')).split('\n');
  const set = lines.indexOf('export CI=true');
  expect(set).toBeGreaterThan(-1);
  expect(set).toBeLessThan(lines.findIndex((line) => /\bnpm\b.*\btest\b/.test(line)));
});
