import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbSpool } from '../../src/adapters/spool/lmdb.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { PULSE, ShellPipeline, seen } from '../support/shell-pipeline.ts';

const LISTENS = /listens on (http:\S+) with/;
const MIRRORS = /mirror subscribes/;
const clock = systemClock();

async function folderOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-pipe-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function run(line: string, folder: string, env: Readonly<Record<string, string>> = {}): ShellPipeline {
  const pipeline = new ShellPipeline(line, folder, {
    PULSE_DATA_DIR: join(folder, 'data'),
    PULSE_PORT: '0',
    MCP2_PORT: '0',
    PULSE_LOG_FORMAT: 'json',
    ...env,
  });
  onTestFinished(() => pipeline.dispose());
  return pipeline;
}

/** What a spool says of how its run ended. */
async function noteOf(folder: string, spool: string): Promise<{ readonly clean: boolean }> {
  const opened = lmdbSpool(join(folder, 'data', spool));
  try {
    return JSON.parse(opened.note()!) as { clean: boolean };
  } finally {
    await opened.close();
  }
}

/** The start after: a run that was cut off would be known by a gap of its crash. */
async function startsWithoutCrash(
  line: string,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const log = join(folder, 'second.log');
  const second = run(`${line} > '${log}'`, folder, env);
  await seen(log, /"resumesFrom":\d+/);
  // Longer than it takes to tell of a gap, had there been one.
  await clock.sleep(2_000);
  second.signalAll('SIGTERM');
  expect(await second.code()).toBe(0);
  expect(await readFile(log, 'utf8')).not.toContain('"reason":"crash"');
}

const UP = `${PULSE} up --feed none`;

test.each`
  started                   | line
  ${'pulse up | tee'}       | ${(log: string) => `${UP} | tee '${log}' > /dev/null`}
  ${'pulse up 2>&1 | tee'}  | ${(log: string) => `${UP} 2>&1 | tee '${log}' > /dev/null`}
  ${'npm start | tee'}      | ${(log: string) => `npm start -- --feed none | tee '${log}' > /dev/null`}
  ${'npm start 2>&1 | tee'} | ${(log: string) => `npm start -- --feed none 2>&1 | tee '${log}' > /dev/null`}
`('Ctrl-C on `$started` ends cleanly, and the next start knows of no crash', { timeout: 240_000 }, async ({ line }) => {
  const folder = await folderOf();
  const log = join(folder, 'log');
  const up = run(line(log), folder);
  await seen(log, LISTENS);
  await seen(log, MIRRORS);
  // The mirror notes where it is each second.
  await clock.sleep(1_500);
  up.signalAll('SIGINT');
  // The shell that npm puts in between may end at once by the interrupt, and npm with it, while Pulse drains.
  expect(line(log).startsWith('npm') ? [0, 130] : [0]).toContain(await up.code());
  await expect.poll(() => up.pids('main.ts'), { timeout: 15_000 }).toEqual([]);
  expect(up.err).not.toMatch(/EPIPE|unexpected/);
  expect((await noteOf(folder, 'mirror-spool')).clean).toBe(true);
  await startsWithoutCrash(UP, folder);
});

test.each([
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
] as const)('`pulse up 2>&1 | tee` goes on when tee ends first, and %s drains it', {
  timeout: 240_000,
}, async (signal) => {
  const folder = await folderOf();
  const log = join(folder, 'log');
  const up = run(`${UP} 2>&1 | tee '${log}' > /dev/null`, folder);
  const [, address] = await seen(log, LISTENS);
  await seen(log, MIRRORS);
  await clock.sleep(1_500);
  for (const pid of up.pids('tee ')) process.kill(pid, 'SIGKILL');
  // A line a second of the status, at the least, goes nowhere.
  await clock.sleep(1_500);
  expect((await fetch(`${address}/health`)).status).toBe(200);
  for (const pid of up.pids('main.ts')) process.kill(pid, signal);
  expect(await up.code()).toBe(0);
  expect((await noteOf(folder, 'mirror-spool')).clean).toBe(true);
  await startsWithoutCrash(UP, folder);
});

test.skipIf((await redisAvailable()) !== null)(
  '`pulse mirror | head` and `pulse bars | head` go on without their readers, and drain',
  { timeout: 240_000 },
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.dispose());
    // Kafka is away: what the mirror holds must come to the spool.
    const env = { REDIS_URL: redis.url, KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' };
    for (const [words, spool] of [
      ['mirror', 'mirror-spool'],
      ['bars --source redis', 'bars-spool-stream-bar'],
    ] as const) {
      const folder = await folderOf();
      const head = join(folder, 'head');
      const service = run(`${PULSE} ${words} 2> '${head}.err' | head -n 1 > '${head}'`, folder, env);
      await seen(head, /listens/);
      await clock.sleep(4_000);
      expect(service.pids('main.ts')).toHaveLength(1);
      service.signalAll('SIGINT');
      expect(await service.code()).toBe(0);
      expect(await readFile(`${head}.err`, 'utf8')).toMatch(
        /^pulse: standard output takes no more lines \(nobody reads it\); the service goes on\n$/,
      );
      if (words === 'mirror') expect((await noteOf(folder, spool)).clean).toBe(true);
      await startsWithoutCrash(`${PULSE} ${words}`, folder, env);
    }
  },
);

test('a command whose output is its result ends quietly when nobody reads on, and says so when the disk is full', {
  timeout: 240_000,
}, async () => {
  const folder = await folderOf();
  const log = join(folder, 'log');
  const up = run(`${UP} > '${log}'`, folder);
  await seen(log, MIRRORS);
  up.signalAll('SIGTERM');
  expect(await up.code()).toBe(0);
  for (const words of ['topics', 'dlq list', 'topics --help', 'overseer --since 1h', 'overseer --since 1h --follow']) {
    const command = run(`${PULSE} ${words} | true`, folder);
    expect([words, await command.code(), command.err]).toEqual([words, 0, '']);
  }
  const full = run(`${PULSE} topics > /dev/full`, folder);
  expect([await full.code(), full.err]).toEqual([73, 'pulse: cannot write standard output: the disk is full\n']);
});

test('a service whose log has no room on its disk goes on, and drains', { timeout: 150_000 }, async () => {
  const folder = await folderOf();
  const up = run(`${UP} > /dev/full`, folder);
  await expect.poll(() => up.err, { timeout: 90_000 }).toContain('gate:');
  up.signalAll('SIGTERM');
  expect(await up.code()).toBe(0);
  expect(up.err).toContain('pulse: standard output takes no more lines (the disk is full); the service goes on\n');
  expect((await noteOf(folder, 'mirror-spool')).clean).toBe(true);
});
