import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lmdbSpool } from '../../adapters/spool/lmdb.ts';
import { demoBegins, demoEnds, demoSpools, demoWasCutOff, isFirstStart, wipe, wipeDemo } from './first-start.ts';

async function dataDir(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pulse-first-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const TICK = {
  channel: 'ticks.EURUSD',
  payload: Buffer.from('{}'),
  receivedAt: 1,
  since: 1,
  instance: 'mirror-1',
  seq: 1,
};

/** As a single `pulse mirror` or `pulse bars` leaves it, with a tick that no log has. */
async function leaveTick(path: string, name: string): Promise<void> {
  const spool = lmdbSpool(join(path, name));
  await spool.append([TICK]);
  await spool.close();
}

async function waiting(path: string, name: string): Promise<number> {
  const spool = lmdbSpool(join(path, name));
  try {
    return spool.size;
  } finally {
    await spool.close();
  }
}

test.each([
  'mirror-spool',
  'bars-spool-stream-bar',
  'bars-spool-stream-bar-noise',
])('the wipe after a demo that was cut off leaves the ticks in %s, which a single service wrote', async (name) => {
  const path = await dataDir();
  await leaveTick(path, name);
  expect(isFirstStart(path)).toBe(true);
  await demoBegins(path);
  await mkdir(join(path, 'log'));
  await mkdir(join(demoSpools(path), 'mirror-spool'), { recursive: true });
  expect(demoWasCutOff(path)).toBe(true);
  await wipeDemo(path);
  expect([demoWasCutOff(path), existsSync(join(path, 'log')), existsSync(demoSpools(path))]).toEqual([
    false,
    false,
    false,
  ]);
  expect(await waiting(path, name)).toBe(1);
});

test('a demo that ended leaves no spools of its own', async () => {
  const path = await dataDir();
  await demoBegins(path);
  await mkdir(join(demoSpools(path), 'mirror-spool'), { recursive: true });
  await demoEnds(path);
  expect([demoWasCutOff(path), existsSync(demoSpools(path))]).toEqual([false, false]);
});

test.each([
  'log',
  'streams',
  'keys',
  'database',
])('where there is a %s already no demo is played that might have to be wiped', async (name) => {
  const path = await dataDir();
  await mkdir(join(path, name));
  expect(isFirstStart(path)).toBe(false);
});

test('--reset leaves what Pulse did not make', async () => {
  const path = await dataDir();
  await leaveTick(path, 'mirror-spool');
  await writeFile(join(path, 'notes.txt'), 'mine');
  await wipe(path);
  expect([existsSync(join(path, 'mirror-spool')), existsSync(join(path, 'notes.txt'))]).toEqual([false, true]);
});
