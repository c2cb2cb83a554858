import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock/system.ts';
import { pgliteDatabase } from './pglite.ts';

// First: the most that the process ever had is what it looks at.
test('PostgreSQL is not compiled by the optimizing compiler, nor is its folder made in this process: either takes half a gigabyte', async () => {
  const before = process.resourceUsage().maxRSS;
  const path = await mkdtemp(join(tmpdir(), 'pulse-pglite-'));
  const database = await pgliteDatabase({ path: join(path, 'database'), clock: systemClock() });
  onTestFinished(async () => {
    await database.close();
    await rm(path, { recursive: true, force: true });
  });
  // As many calls as let a function be taken for a hot one.
  for (let i = 0; i < 40; i += 1)
    await database.query('SELECT sum(n * n), max(n::text) FROM generate_series(1, 2000) AS s (n)');
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(400);
});

test('it takes little memory for itself, and leaves the other settings of its folder alone', async () => {
  const path = await mkdtemp(join(tmpdir(), 'pulse-pglite-'));
  const settings: Record<string, unknown>[][] = [];
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  for (let start = 0; start < 2; start += 1) {
    const database = await pgliteDatabase({ path: join(path, 'database'), clock: systemClock() });
    settings.push(
      await database.query(`SELECT current_setting('shared_buffers') AS buffers, current_setting('DateStyle') AS dates,
        current_setting('default_text_search_config') AS search`),
    );
    await database.close();
  }
  const expected = [{ buffers: '16MB', dates: 'ISO, MDY', search: 'pg_catalog.english' }];
  expect(settings).toEqual([expected, expected]);
});

test('the folder is there as soon as it is being made: by it commands know that a database is embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-pglite-'));
  const path = join(folder, 'database');
  const opening = pgliteDatabase({ path, clock: systemClock() });
  onTestFinished(async () => {
    await (await opening).close();
    await rm(folder, { recursive: true, force: true });
  });
  await systemClock().sleep(50);
  expect(existsSync(path)).toBe(true);
});
