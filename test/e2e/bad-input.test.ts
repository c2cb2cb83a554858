import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Shell } from '../support/command-line.ts';

/** One clear line: what is wrong, with the value, and what to do or what is allowed. */
function expectOneLine(err: string, says: string): void {
  expect(err).toContain(says);
  for (const line of err.trimEnd().split('\n')) {
    expect(line).toMatch(/^pulse: \S/);
    expect(line).not.toMatch(/undefined|\[object|at .*\.ts:\d+/);
  }
}

async function ran(words: string, env: Record<string, string> = {}, file: string | null = null) {
  const shell = await Shell.open(env);
  onTestFinished(() => shell.close());
  if (file !== null) await writeFile(join(shell.folder, 'pulse.config.json'), file);
  return shell.run(words === '' ? [] : words.split(' '));
}

test.each`
  words                                                | says
  ${'nonsense'}                                        | ${"unknown command 'nonsense'"}
  ${'paritty'}                                         | ${'did you mean parity?'}
  ${'verify'}                                          | ${'ticks'}
  ${'verify a b'}                                      | ${'too many arguments'}
  ${'verify a.ndjson --engines fake'}                  | ${'"fake"'}
  ${'verify a.ndjson --reference'}                     | ${'--reference'}
  ${'feed'}                                            | ${'source'}
  ${'feed bloomberg'}                                  | ${'bloomberg'}
  ${'feed replay'}                                     | ${'`pulse feed replay` needs a file'}
  ${'feed replay x --speed fast'}                      | ${'"fast"'}
  ${'feed replay x --shift soon'}                      | ${'"soon"'}
  ${'feed synthetic --seed -1'}                        | ${'-1'}
  ${'feed synthetic --symbols E/U'}                    | ${'"E/U"'}
  ${'bars --source postgres'}                          | ${'"postgres"'}
  ${'bars --grace-ms soon'}                            | ${'"soon"'}
  ${'bars --composites 2m'}                            | ${'"2m"'}
  ${'bars --time-zone Mars/Olympus'}                   | ${'"Mars/Olympus"'}
  ${'reconcile --symbol EURUSD --session yesterday'}   | ${'"yesterday"'}
  ${'reconcile --symbol EURUSD --session 2014-02-30'}  | ${'"2014-02-30"'}
  ${'reconcile --from 2014-05-01T00:00Z'}              | ${'give both or neither'}
  ${'reconcile --from 2014-05-02 --to 2014-05-01'}     | ${'the start must lie before the end'}
  ${'reconcile --symbol EURUSD --all'}                 | ${'give one of them'}
  ${'reconcile --watch sometimes'}                     | ${'"sometimes"'}
  ${'reconcile --format pdf'}                          | ${'"pdf"'}
  ${'reconcile --pip-size 0'}                          | ${'"0"'}
  ${'reconcile --tol-volume one'}                      | ${'--tol-volume: "one"'}
  ${'reconcile --calendars EUR*=forex'}                | ${'--calendars: "EUR*=forex"'}
  ${'up --speed 60'}                                   | ${"unknown option '--speed'"}
  ${'feed replay x --from 2014-05-01 --to 2014-05-02'} | ${'--from (command line): `pulse feed replay` has no use for it'}
  ${'feed synthetic --url wss://localhost'}            | ${'--url (command line): `pulse feed synthetic` has no use for it'}
  ${'feed stdin --seed 7'}                             | ${'--seed (command line): `pulse feed stdin` has no use for it'}
  ${'promote --force'}                                 | ${'--reason'}
  ${'overseer --follow'}                               | ${'--since'}
  ${'overseer --since later'}                          | ${'"later"'}
  ${'up --port 99999'}                                 | ${'"99999"'}
  ${'up --host 0.0.0.0'}                               | ${'--host (command line): "0.0.0.0" can be reached from other machines'}
  ${'up --feed bloomberg'}                             | ${'"bloomberg"'}
  ${'up --colour'}                                     | ${"unknown option '--colour'"}
`('pulse $words', async ({ words, says }) => {
  const { code, err } = await ran(words);
  expectOneLine(err, says);
  expect(code).toBe(64);
});

test.each`
  name                         | value               | command
  ${'REDIS_URL'}               | ${'localhost:6379'} | ${'mirror'}
  ${'KAFKA_BOOTSTRAP_SERVERS'} | ${'kafka'}          | ${'mirror'}
  ${'PG_DSN'}                  | ${'mysql://x'}      | ${'parity'}
  ${'PIP_SIZE'}                | ${'small'}          | ${'reconcile'}
  ${'TOL_PRICE_TICKS'}         | ${'-1'}             | ${'reconcile'}
  ${'WINDOW_BARS'}             | ${'1.5'}            | ${'reconcile'}
  ${'REDIS_BARS_KEY'}          | ${'bars'}           | ${'reconcile'}
  ${'PULSE_BAR_SOURCE'}        | ${'nats'}           | ${'parity'}
  ${'PULSE_HOST'}              | ${'0.0.0.0'}        | ${'mirror'}
  ${'TAPE_MEMORY_MB'}          | ${'lots'}           | ${'mirror'}
  ${'TOPIC_RETENTION'}         | ${'a week'}         | ${'mirror'}
  ${'BACK_FILL'}               | ${'perhaps'}        | ${'mirror'}
  ${'PULSE_API_KEY'}           | ${'short'}          | ${'mirror'}
  ${'PULSE_LOG_LEVEL'}         | ${'loud'}           | ${'mirror'}
`('$name=$value', async ({ name, value, command }) => {
  const { code, err } = await ran(command, { [name]: value });
  expectOneLine(err, name);
  expect(code).toBe(64);
});

test.each`
  file                        | says
  ${'{'}                      | ${'pulse.config.json'}
  ${'[]'}                     | ${'pulse.config.json'}
  ${'{"tolVolume":"one"}'}    | ${'"one"'}
  ${'{"tolVolum":1}'}         | ${'tolVolum'}
  ${'{"port":"eighty"}'}      | ${'"eighty"'}
  ${'{"kafkaBrokers":{}}'}    | ${'kafkaBrokers'}
  ${'{"symbols":[1]}'}        | ${'symbols'}
  ${'{"backFill":"perhaps"}'} | ${'"perhaps"'}
`('pulse.config.json with $file', async ({ file, says }) => {
  const { code, err } = await ran('doctor', {}, file);
  expectOneLine(err, says);
  expect(code).toBe(64);
});

test.each`
  words                             | code
  ${'verify not-there.ndjson'}      | ${66}
  ${'feed replay not-there.ndjson'} | ${66}
  ${'reconcile --symbol EURUSD'}    | ${4}
`('pulse $words says what is not there', async ({ words, code }) => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  for (const folder of ['log', 'streams', 'keys']) await mkdir(join(shell.dataDir, folder), { recursive: true });
  const found = await shell.run(words.split(' '));
  expect(found.err).toMatch(/^pulse: /m);
  expect(found.code).toBe(code);
});

test.each`
  words                                               | says
  ${'reconcile --symbol EURUSD --session 2999-01-02'} | ${'nothing of the session 2999-01-02 of EURUSD is settled yet'}
  ${'up --data-dir /proc/pulse'}                      | ${'the data directory /proc/pulse cannot be used'}
`('pulse $words', async ({ words, says }) => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  for (const folder of ['log', 'streams', 'keys']) await mkdir(join(shell.dataDir, folder), { recursive: true });
  const { code, err } = await shell.run(words.split(' '));
  expectOneLine(err, says);
  expect(code).toBe(words.startsWith('up') ? 73 : 64);
});

test.each([
  '--noise',
  '--symbol EURUSD',
  '--session 2014-05-01',
  '--output x.html',
])('a schedule does not go with %s', async (flag) => {
  const { code, err } = await ran(`reconcile ${flag}`, { RECONCILE_SCHEDULE: '5 * * * *' });
  expectOneLine(err, `${flag.split(' ')[0]} (command line): it does not go with RECONCILE_SCHEDULE (environment)`);
  expect(code).toBe(64);
});

test('a port in use is told before five sessions are played', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, out, err } = await ran(`up --port ${port}`);
  expect([code, out]).toEqual([73, '']);
  expectOneLine(err, `port ${port} of 127.0.0.1 is in use`);
});

test('what is wrong with a tape is told before anything is served, without a stack', async () => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  await writeFile(join(shell.folder, 'EURUSD.csv'), 'ts,colour\n1,2\n');
  const { code, out, err } = await shell.run(['feed', 'replay', join(shell.folder, 'EURUSD.csv')]);
  expect([code, out]).toEqual([65, '']);
  expectOneLine(err, 'has no column for the price');
});

test('a noise floor without a second incumbent says what has to run', async () => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  for (const folder of ['log', 'streams', 'keys']) await mkdir(join(shell.dataDir, folder), { recursive: true });
  const { code, err } = await shell.run(['reconcile', '--noise', '--symbol', 'EURUSD']);
  expectOneLine(err, 'there is no second incumbent to compare with; run `pulse bars --source redis --noise`');
  expect(code).toBe(4);
});

test('a process ends with the code that its message stands for', () => {
  const pulse = fileURLToPath(new URL('../../bin/pulse', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [pulse, 'verify', '--jsn'], { encoding: 'utf8' });
  expect([status, stderr.split('\n').length]).toEqual([64, 2]);
});
