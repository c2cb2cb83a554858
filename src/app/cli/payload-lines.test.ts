import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readPayloads } from './payload-lines.ts';

const trade = (strategy: string): string =>
  JSON.stringify({ strategy, timestamp: '2026-03-02T14:05:00Z', market: { symbol: 'EURUSD', timeframe: '1m' } });

async function file(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-payloads-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'payloads.ndjson');
  await writeFile(path, text);
  return path;
}

test('payloads stand one in each line, with empty lines between them', async () => {
  const payloads = await readPayloads(await file(`${trade('breakout')}\n\n${trade('fade')}\n`));
  expect(payloads.map(({ strategy }) => strategy)).toEqual(['breakout', 'fade']);
});

test.each`
  what            | text                        | reason
  ${'nothing'}    | ${'\n \n'}                  | ${'it holds none'}
  ${'no JSON'}    | ${`${trade('fade')}\n{bad`} | ${'line 2 is no JSON'}
  ${'no payload'} | ${'{"strategy":"fade"}'}    | ${/^line 1: timestamp: /}
`('a file with $what is refused', async ({ text, reason }) => {
  const path = await file(text);
  const problem = await readPayloads(path).catch((error) => error);
  expect(problem.code).toBe('guidance.payloads');
  expect(problem.evidence).toEqual({ path, reason: reason instanceof RegExp ? expect.stringMatching(reason) : reason });
});
