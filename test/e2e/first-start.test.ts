import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ServiceProcess } from '../support/service-process.ts';

const PLAYS = /\d+ % {2}[\d,]+ ticks/;
const LISTENS = /listens on (http:\S+) with/;

interface Ready {
  readonly services: Readonly<Record<string, { readonly state: string; readonly detail: string }>>;
}

interface Parity {
  readonly sessions: readonly { readonly demo: boolean; readonly expected: number }[];
}

test.each(['SIGKILL', 'SIGTERM'] as const)('a demo that %s cuts off is played anew by the next start', {
  timeout: 300_000,
}, async (signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-first-start-'));
  const dataDir = join(folder, 'data');
  const up = new ServiceProcess(['up', '--symbols', 'USDJPY'], { PULSE_DATA_DIR: dataDir });
  onTestFinished(async () => {
    await up.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  await up.start(PLAYS);
  await up.end(signal);
  expect(up.printed).not.toContain('"demo":true');
  expect(existsSync(join(dataDir, 'log'))).toBe(true);

  await up.start(LISTENS);
  // It listens before it plays, and says what it waits for.
  const address = LISTENS.exec(up.printed)![1]!;
  const ready = async (): Promise<Ready> => (await (await fetch(`${address}/ready`)).json()) as Ready;
  expect(await ready()).toMatchObject({ ready: false });
  await expect
    .poll(async () => (await ready()).services.demo!.detail, { timeout: 60_000, interval: 50 })
    .toContain('plays past sessions of the made-up market');
  await expect
    .poll(async () => (await ready()).services.demo!.state, { timeout: 200_000, interval: 200 })
    .toBe('ended');
  const { sessions } = (await (await fetch(`${address}/parity`)).json()) as Parity;
  expect(sessions.map(({ demo }) => demo)).toEqual([true, true, true, true, true]);
  // A session that was half played and then taken up again would lack minutes.
  for (const { expected } of sessions) expect(expected).toBeGreaterThan(1_300);
  await up.end('SIGTERM');

  await up.start(LISTENS);
  expect(up.printed).not.toContain('past sessions');
  await up.end('SIGTERM');
});
