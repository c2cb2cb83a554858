import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ServiceProcess } from '../support/service-process.ts';

/* Two processes on one folder. They need no engine: a service starts without, and takes its spool first. */

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const AWAY = { REDIS_URL: 'redis://127.0.0.1:1/0', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-spool-'));
});

function service(words: readonly string[]): ServiceProcess {
  const made = new ServiceProcess(words, { ...AWAY, PULSE_DATA_DIR: folder });
  onTestFinished(async () => {
    await made.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  return made;
}

/** A start that is expected to be refused: its exit code, and what it said to the terminal. Killed after 30 s, should it run on. */
async function refused(words: readonly string[]): Promise<{ code: number | null; said: string }> {
  const env = {
    PATH: process.env.PATH ?? '',
    PULSE_PORT: '0',
    PULSE_LOG_FORMAT: 'json',
    PULSE_DATA_DIR: folder,
    ...AWAY,
  };
  const child = spawn(process.execPath, [MAIN, ...words], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

/** Both say so once they have their spool. */
const BEGUN = /"service":"(mirror|bars-incumbent)"/;

describe.each([
  [['mirror'], 'mirror-spool'],
  [['bars', '--source', 'redis'], 'bars-spool-stream-bar'],
])('%j', { timeout: 240_000 }, (words, name) => {
  test('is refused on the folder of another, running or stopped, by one line that names folder and process', async () => {
    const first = service(words);
    await first.start(BEGUN);
    for (const state of ['running', 'stopped']) {
      if (state === 'stopped') first.signal('SIGSTOP');
      const { code, said } = await refused(words);
      expect(said).toBe(
        `pulse: the spool ${join(folder, name)} is in use by process ${first.pid}; stop it, or give another --data-dir (PULSE_DATA_DIR)\n`,
      );
      expect(code).toBe(73);
    }
  });

  test('starts at once on the folder of one that was killed, and of one that ended', async () => {
    const first = service(words);
    for (const end of ['SIGKILL', 'SIGTERM'] as const) {
      await first.start(BEGUN);
      await first.end(end);
    }
    await first.start(BEGUN);
  });
});

test('of several mirrors that start at once on the folder of one that was killed, one runs', {
  timeout: 240_000,
}, async () => {
  const killed = service(['mirror']);
  await killed.start();
  await killed.end('SIGKILL');
  const several = Array.from({ length: 4 }, () => service(['mirror']));
  const started = await Promise.allSettled(several.map((each) => each.start()));
  expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const each of started) if (each.status === 'rejected') expect(String(each.reason)).toContain('ended with 73');
});
