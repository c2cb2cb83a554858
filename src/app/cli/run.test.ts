import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Shell } from '../../../test/support/command-line.ts';
import { settingsFor } from '../config/settings.ts';
import { commands } from './commands.ts';

let shell: Shell;
beforeEach(async () => {
  shell = await Shell.open();
});
afterEach(() => shell.close());

test.each([
  ['mirorr', "unknown command 'mirorr' (did you mean mirror?); see `pulse --help`"],
  ['dcotor', "unknown command 'dcotor' (did you mean doctor?); see `pulse --help`"],
  ['--jsn', "unknown option '--jsn'; see `pulse --help`"],
  ['topics --jsn', "unknown option '--jsn' (did you mean --json?); see `pulse topics --help`"],
  ['topics --tol-volume 1', "unknown option '--tol-volume'; see `pulse topics --help`"],
  ['topics --groups', "option '--groups <group,…>' argument missing; see `pulse topics --help`"],
  ['topics all', "too many arguments for 'topics'. Expected 0 arguments but got 1: all; see `pulse topics --help`"],
  [
    'dlq lits',
    "command-argument value 'lits' is invalid for argument 'action'. Allowed choices are list, show, replay; see `pulse dlq --help`",
  ],
  ['dlq show', '`pulse dlq show` needs a place; see `pulse dlq list`'],
  ['feed', "missing required argument 'source'; see `pulse feed --help`"],
  ['feed replay', '`pulse feed replay` needs a file; see `pulse feed --help`'],
  ['feed replay no-such-file.ndjson --port 0', /^cannot read the tick file no-such-file\.ndjson: /],
  ['feed synthetic --from 2014-05-02', '--from, --to: give both or neither'],
  [
    'feed replay x --speed fast',
    '--speed: "fast" (command line) is not max, or a factor from 1 to 999999; the default is 1',
  ],
  [
    'feed replay x --shift tomorrow',
    /^--shift: "tomorrow" \(command line\) is not none, now, a duration such as 2h or -7d, or a moment in ISO 8601; the default is none$/,
  ],
  [
    'overseer --port 99999',
    '--port: "99999" (command line) is not a whole number from 0 to 65535; the default is 7425',
  ],
  [
    'overseer --host 0.0.0.0',
    '--host (command line): "0.0.0.0" can be reached from other machines: set PULSE_API_KEY, or allow it without one by --insecure-public',
  ],
  ['topics --config none.json', 'none.json: there is no such file'],
  ['topics --config list.json', 'list.json: it holds no object of settings'],
  ['topics --config cut.json', /^cut\.json: .*JSON/],
  ['topics --config pulse.yaml', 'pulse.yaml: its name must end in .json, .mjs, .js or .ts'],
  ['topics --config typo.json', 'kafkaBroker: (typo.json) is not a setting; did you mean kafkaBrokers?'],
])('pulse %s', async (line, complaint) => {
  for (const [name, text] of [
    ['list.json', '[1]'],
    ['cut.json', '{"port":'],
    ['pulse.yaml', 'port: 1'],
    ['typo.json', '{"kafkaBroker":"a:1"}'],
  ] as const) {
    await writeFile(join(shell.folder, name), text);
  }
  const { code, out, err } = await shell.run(line.split(' '));
  expect([64, 66]).toContain(code);
  expect(out).not.toContain('Usage');
  expect(err.split('\n')).toHaveLength(2);
  expect(err.trimEnd().replace('pulse: ', '')).toEqual(
    typeof complaint === 'string' ? complaint : expect.stringMatching(complaint),
  );
});

test('without a command the help is shown, and it is wrong usage', async () => {
  const { code, err } = await shell.run([]);
  expect(code).toBe(64);
  expect(err).toContain('Usage: pulse [options] [command]');
});

test('the help lists every command', async () => {
  const { code, out } = await shell.run(['--help']);
  expect(code).toBe(0);
  for (const { name, summary } of commands)
    expect(out.replace(/\s+/g, ' ')).toMatch(new RegExp(` ${name} .*${summary.slice(0, 20)}`));
});

test.each(
  commands.map(({ name }) => name),
)('pulse %s --help shows each of its flags with variable and default', async (name) => {
  const { code, out } = await shell.run([name, '--help']);
  expect(code).toBe(0);
  for (const [, { flag, env }] of settingsFor(name)) {
    expect(out).toMatch(new RegExp(`^ +${flag}( |$)`, 'm'));
    if (env !== null) expect(out).toContain(env);
  }
});

test('the version', async () => {
  expect((await shell.run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a configuration file in the folder is found, and a second one refused', async () => {
  await writeFile(join(shell.folder, 'pulse.config.mjs'), 'export default { port: 99999 };');
  expect((await shell.run(['overseer'])).err).toBe(
    'pulse: port: 99999 (pulse.config.mjs) is not a whole number from 0 to 65535; the default is 7425\n',
  );
  await writeFile(join(shell.folder, 'pulse.config.json'), '{}');
  expect((await shell.run(['overseer'])).err).toBe(
    'pulse: pulse.config.json: pulse.config.mjs is there too; keep one, or name one with --config\n',
  );
});
