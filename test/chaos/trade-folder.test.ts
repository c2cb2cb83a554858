import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbTradeStore } from '../../src/adapters/trade-store/lmdb.ts';

const PUTTER = fileURLToPath(new URL('../support/trade-putter.ts', import.meta.url));
const ROUNDS = 10;

test('a process that is killed while it stores trades in a folder loses none that it acknowledged, while another takes them', {
  timeout: 180_000,
}, async () => {
  const path = await mkdtemp(join(tmpdir(), 'pulse-trade-folder-'));
  const store = lmdbTradeStore({ path, clock: systemClock() });
  onTestFinished(async () => {
    await store.close();
    await rm(path, { recursive: true });
  });
  const acknowledged: string[] = [];
  const taken: string[] = [];
  const take = async (): Promise<number> => {
    const trades = await store.take('f', 100, 50, new AbortController().signal);
    for (const { id, payload } of trades) expect(payload).toBe(`{"id":"${id}"}`);
    taken.push(...trades.map(({ id }) => id));
    await store.settle(trades.map(({ id }) => id));
    return trades.length;
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const child = spawn(process.execPath, [PUTTER, path, `r${round}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const closed = once(child, 'close');
    const until = acknowledged.length + 40 * round;
    createInterface(child.stdout).on('line', (line) => acknowledged.push(line));
    while (acknowledged.length < until) await take();
    child.kill('SIGKILL');
    await closed;
  }
  while ((await take()) > 0);
  expect(new Set(taken).size).toBe(taken.length);
  const found = new Set(taken);
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  expect((await store.recent(taken.length + 10)).map(({ id }) => id).toReversed()).toEqual(taken);
});
