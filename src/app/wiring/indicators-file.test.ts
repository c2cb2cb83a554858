import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readIndicators } from './indicators-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-indicators-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'pulse.indicators.json');
  await writeFile(path, text);
  return readIndicators(path);
}

test.each`
  macd                      | problem
  ${{ fast: 26, slow: 12 }} | ${'momentum.macd: fast (26) must be less than slow (12)'}
  ${{ fast: 26 }}           | ${'momentum.macd: fast (26) must be less than slow (26)'}
  ${{ slow: 9 }}            | ${'momentum.macd: fast (12) must be less than slow (9)'}
`('refuses a MACD of $macd', async ({ macd, problem }) => {
  await expect(read(JSON.stringify({ momentum: { macd } }))).rejects.toThrow(problem);
});

test('reads a file that begins with a byte-order mark', async () => {
  expect((await read('\uFEFF{ "momentum": { "rsi": 21 } }')).momentum.rsi).toBe(21);
});
