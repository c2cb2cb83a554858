import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Shell } from '../support/command-line.ts';
import { ServiceProcess } from '../support/service-process.ts';

const AWAY = { REDIS_URL: 'redis://127.0.0.1:1', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' };
const VARIABLES = { redis: 'REDIS_URL', kafka: 'KAFKA_BOOTSTRAP_SERVERS' } as const;
type Server = keyof typeof VARIABLES;

test.each<[string, Server[]]>([
  ['mirror', ['redis', 'kafka']],
  ['bars --source redis', ['redis']],
  ['bars --source kafka', ['kafka']],
  ['feed synthetic', ['redis']],
  ['overseer', ['kafka']],
])('pulse %s names the variable of each server that is not there, and so does /ready', async (words, servers) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-away-'));
  const service = new ServiceProcess(words.split(' '), { ...AWAY, PULSE_DATA_DIR: dataDir });
  onTestFinished(async () => {
    await service.end('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });
  const each = servers.map(
    (server) => `(?=[^]*"service":"host"[^\n]*"event":"engine.lost"[^\n]*set ${VARIABLES[server]})`,
  );
  await service.start(new RegExp(`^${each.join('')}`));
  const address = /listens on (http:\S+) with/.exec(service.printed)![1]!;
  const answer = await fetch(`${address}/ready`);
  const { services } = (await answer.json()) as { services: Record<string, { detail: string }> };
  expect(answer.status).toBe(503);
  for (const server of servers)
    expect(services[server]).toMatchObject({
      ready: false,
      state: 'waiting',
      detail: expect.stringContaining(`set ${VARIABLES[server]}`),
    });
});

test('verify on real engines that nobody named is refused, each by its variable', async () => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  const { code, err } = await shell.run(['verify', 'EURUSD.ndjson', '--engines', 'real']);
  expect(code).toBe(64);
  expect(err.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^pulse: REDIS_URL is not set/),
    expect.stringMatching(/^pulse: KAFKA_BOOTSTRAP_SERVERS is not set/),
  ]);
});

test('verify on real engines that are not there says so, and has nothing to clean up', async () => {
  const shell = await Shell.open(AWAY);
  onTestFinished(() => shell.close());
  const tape = join(shell.folder, 'EURUSD.ndjson');
  await writeFile(tape, '{"ts":1400000000,"price":1.1}\n');
  const { code, err } = await shell.run(['verify', tape, '--engines', 'real']);
  expect(code).toBe(69);
  expect(err).toMatch(/^pulse: cannot reach [^\n]+\n$/);
});
