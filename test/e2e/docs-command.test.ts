import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOf } from '../support/mcp2-desk.ts';
import { ServiceProcess } from '../support/service-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'src/app/main.ts');
/** README.md and what `docs` holds. */
const FILES =
  1 +
  readdirSync(join(ROOT, 'docs'), { recursive: true }).filter((file) => /\.(md|txt|html?)$/.test(String(file))).length;
const KEYS = { writer: 'a-key-of-some-length', reader: 'another-key-of-some-length' };

let folder: string;
let up: ServiceProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-docs-'));
});
afterAll(async () => {
  await up.end('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

async function start(env: Record<string, string>): Promise<void> {
  up = new ServiceProcess(['up', '--feed', 'none'], { PULSE_DATA_DIR: folder, MCP2_PORT: '0', ...env });
  await addressesOf(up, 2);
}

/** Runs `pulse docs <words>` in a process of its own, in the folder of the project. */
const docs = (words: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [MAIN, 'docs', ...words],
      { cwd: ROOT, env: { PATH: process.env.PATH ?? '', PULSE_DATA_DIR: folder, ...env } },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });

describe('beside a pulse up', () => {
  test('documents are indexed, listed, found and removed through its mcp2', { timeout: 180_000 }, async () => {
    await start({});
    expect(await docs(['index', 'docs', 'README.md'])).toEqual({
      code: 0,
      out: `${FILES} added, 0 updated, 0 unchanged, 0 skipped\n`,
      err: '',
    });
    expect((await docs(['index', 'docs', 'README.md'])).out).toBe(
      `0 added, 0 updated, ${FILES} unchanged, 0 skipped\n`,
    );
    const listed = JSON.parse((await docs(['list', '--json', '--limit', '500'])).out) as { id: string }[];
    expect(listed).toHaveLength(FILES);
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(['README.md', 'docs~adr~0006-zod-in-domain.md']));
    const found = await docs(['search', 'reciprocal rank fusion', '--json']);
    expect(JSON.parse(found.out).results[0].id).toBe('docs~documents.md');
    expect(await docs(['remove', 'README.md'])).toMatchObject({ code: 0, out: '1 removed\n' });
    expect(await docs(['remove', 'README.md'])).toMatchObject({
      code: 66,
      err: expect.stringContaining('there is no document "README.md"'),
    });
    expect(await up.end('SIGTERM')).toBe(0);
  });

  test('without it, in the database that it left', { timeout: 60_000 }, async () => {
    expect((await docs(['index', 'docs', 'README.md'])).out).toBe(
      `1 added, 0 updated, ${FILES - 1} unchanged, 0 skipped\n`,
    );
  });

  test('whose mcp2 has keys: with one that may write', { timeout: 180_000 }, async () => {
    await start({ MCP2_API_KEY: `writer:read+write:${KEYS.writer},reader:read:${KEYS.reader}` });
    const [writer, reader] = [{ MCP2_CLIENT_KEY: KEYS.writer }, { MCP2_CLIENT_KEY: KEYS.reader }];
    for (const words of [['index', 'README.md'], ['list'], ['search', 'parity'], ['remove', 'README.md']]) {
      const { code, out, err } = await docs(words);
      expect([words, code, out]).toEqual([words, 77, '']);
      expect(err).toContain('answers 401');
      expect(err).toContain('MCP2_CLIENT_KEY');
    }
    expect((await docs(['search', 'parity'], reader)).code).toBe(0);
    const refused = await docs(['remove', 'README.md'], reader);
    expect([refused.code, refused.out]).toEqual([77, '']);
    expect(refused.err).toContain('lacks the scope "write"');
    expect(refused.err).not.toContain(KEYS.reader);
    expect((await docs(['index', 'docs', 'README.md'], reader)).code).toBe(77);
    expect((await docs(['index', 'docs', 'README.md'], writer)).out).toBe(
      `0 added, 0 updated, ${FILES} unchanged, 0 skipped\n`,
    );
    expect((await docs(['remove', 'README.md'], writer)).code).toBe(0);
    expect(await up.end('SIGTERM')).toBe(0);
  });
});
