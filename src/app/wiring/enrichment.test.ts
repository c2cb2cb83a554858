import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Shell } from '../../../test/support/command-line.ts';

test('a symbol that no calendar names, and no built-in rule, is enriched by days in UTC', async () => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  const ticks = join(shell.folder, 'ticks.ndjson');
  // A Saturday: a market that never closes has its sessions then, too.
  const ts = Date.UTC(2024, 0, 6, 12) / 1_000;
  await writeFile(ticks, `{"symbol":"GOLDBAR","ts":${ts},"price":1870.5}\n`);
  const { code, out } = await shell.run(['enrich-file', ticks, '--calendars', 'EUR*=fx']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ symbol: 'GOLDBAR', price: 1870.5, session: 'london' });
});
