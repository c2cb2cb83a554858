import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSources, type Source } from '../../../scripts/checks/source.ts';
import { Shell } from '../../../test/support/command-line.ts';
import { type CommandName, type CommandSpec, commandNames, specOf } from '../config/command-specs.ts';
import { readConfig } from '../config/config.ts';
import { settingsFor } from '../config/settings.ts';
import { makeRuntime } from '../host/runtime.ts';
import { commands } from './commands.ts';

const sources = readSources(fileURLToPath(new URL('../../..', import.meta.url)), ['src']);

/** The file that declares the command. */
const sourceOf = (name: CommandName): Source =>
  sources.find(({ path, text }) => /^src\/app\/cli\/[^/.]+\.ts$/.test(path) && text.includes(`Command<'${name}'> =`))!;

/** What is wrong with how a spec says that its command runs, judged by what the command does. */
function misdeclared({ runs }: CommandSpec, { text }: Source): string[] {
  const serves = /\.serve\(/.test(text);
  const prints = /terminal\.out\(/.test(text);
  const watches = /values\.watch !== null/.test(text);
  if (!serves) return runs === 'task' ? [] : [`it serves nothing: it is a task, not a ${runs}`];
  const actual = watches ? 'watch' : prints ? 'printing-service' : 'service';
  return runs === actual ? [] : [`it serves, so it is a ${actual}, not a ${runs}`];
}

describe('a spec says how its command runs', () => {
  test.each(commandNames)('%s', (name) => expect(misdeclared(specOf(name), sourceOf(name))).toEqual([]));

  test.each(commandNames)('%s declared as anything else is found', (name) => {
    const all = ['service', 'watch', 'printing-service', 'task'] as const;
    for (const runs of all.filter((each) => each !== specOf(name).runs))
      expect(misdeclared({ ...specOf(name), runs }, sourceOf(name)), runs).toHaveLength(1);
  });

  /** Where an event of the command is logged, made with the runtime that it gets. */
  async function logOf(name: CommandName, flags: Readonly<Record<string, unknown>>): Promise<string[]> {
    const { config } = readConfig(name, { flags, env: {}, file: null });
    const written: string[] = [];
    const runtime = makeRuntime(
      config,
      {
        out: () => void written.push('output'),
        err: () => void written.push('error'),
        drained: async () => undefined,
        settled: async () => undefined,
        outFailed: new AbortController().signal,
        status: () => undefined,
        outIsTerminal: false,
        errIsTerminal: false,
        colour: false,
        columns: 100,
      },
      new AbortController().signal,
    );
    runtime.journals.of('host').event('info', 'service.started', 'listens');
    await runtime.close();
    return written;
  }

  test.each(commandNames)('the log of %s goes where those of its kind go', async (name) => {
    const { runs } = specOf(name);
    expect(await logOf(name, {})).toEqual([runs === 'service' ? 'output' : 'error']);
    if (runs === 'watch') expect(await logOf(name, { watch: '5 17 * * *' })).toEqual(['output']);
  });

  test.each(commandNames)('%s has an address to listen on if it serves', (name) => {
    const own = settingsFor(name).filter(([, { flag }]) => flag === '--host' || flag === '--port');
    const expected = specOf(name).runs === 'task' || specOf(name).address === 'own' ? 0 : 2;
    expect(own).toHaveLength(expected);
    if (specOf(name).address !== 'own') return;
    expect(settingsFor(name).map(([, { flag }]) => flag)).toEqual(
      expect.arrayContaining([`--${name}-host`, `--${name}-port`]),
    );
    expect(sourceOf(name).text).toMatch(/\blisteners: /);
  });
});

const quoted = `'(?:${commandNames.join('|')})'`;
const compared = new RegExp(
  `\\b(?:name|command)\\s*[!=]==\\s*${quoted}|${quoted}\\s*[!=]==\\s*\\S*(?:name|command)\\b`,
  'g',
);
const listed = new RegExp(`\\[\\s*${quoted}(?:,\\s*${quoted})+,?\\s*\\]|new Set\\(\\[\\s*${quoted}`, 'g');
const found = ({ path, text }: Source, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([match]) => `${path}: ${match}`);

describe('what depends on the name of a command is derived from its spec', () => {
  const files = sources.filter(({ path }) => !path.endsWith('.test.ts'));

  test('no file compares the name of a command, but for the rules between settings', () => {
    const rules = /^src\/app\/config\/(cross-checks|config)\.ts$/;
    expect(files.filter(({ path }) => !rules.test(path)).flatMap((file) => found(file, compared))).toEqual([]);
  });

  test('no file has a list of commands, but for the settings, each of which says which commands read it', () => {
    const settings = /^src\/app\/config\/settings\//;
    expect(files.filter(({ path }) => !settings.test(path)).flatMap((file) => found(file, listed))).toEqual([]);
  });

  test.each([
    ["if (config.command === 'feed') return;", compared],
    ["longRunning.filter((name) => name !== 'mcp2')", compared],
    ["const isOwn = 'up' !== config.command;", compared],
    ["const serving = ['up', 'feed', 'mirror'];", listed],
    ["const serving = new Set(['up']);", listed],
  ])('%s is found', (text, pattern) => expect(found({ path: 'x.ts', text }, pattern)).toHaveLength(1));
});

test('each command is carried out by the command of its name, in the order of the specs', () => {
  expect(commands.map(({ name }) => name)).toEqual(commandNames);
});

describe('pulse --help', () => {
  let shell: Shell;
  beforeEach(async () => {
    shell = await Shell.open();
  });
  afterEach(() => shell.close());

  test('has a heading for each task, with its commands below it', async () => {
    const { out } = await shell.run(['--help']);
    const headings = new Map<string, string[]>();
    for (const [, heading, name] of out.matchAll(/^(\S.*):$|^ {2}([a-z]\S*) /gm)) {
      if (heading !== undefined) headings.set(heading, []);
      else [...headings.values()].at(-1)?.push(name!);
    }
    headings.delete('Options');
    const declared = [...Map.groupBy(commandNames, (name) => specOf(name).group)].map(
      ([group, names]): [string, string[]] => [group, group === 'Operate' ? [...names, 'help'] : names],
    );
    expect([...headings]).toEqual(declared);
  });

  test('fits 100 columns', async () => {
    const { out } = await shell.run(['--help']);
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});
