import { Argument, type Command as Commander, CommanderError, Option, Command as Program } from 'commander';
import { PulseError } from '../../domain/errors/errors.ts';
import { specOf, type TaskGroup } from '../config/command-specs.ts';
import { type CommandName, type Setting, shown } from '../config/setting.ts';
import { type SettingKey, settingsFor } from '../config/settings.ts';
import type { Command } from './command.ts';

/** What the command line says. */
export interface Invocation {
  readonly command: Command;
  readonly flags: Readonly<Partial<Record<SettingKey, unknown>>>;
  readonly args: Readonly<Record<string, string | undefined>>;
  /** The words of the variadic argument. */
  readonly variadic: readonly string[];
}

/** What to do: run a command, or print a text (help, version) and exit. */
export type Parsed = { readonly run: Invocation } | { readonly print: string; readonly exit: number };

const WRONG_USAGE = 64;
const HELP_GROUP = headingOf('Operate');

/** Reads a command line (`argv` without node and script). Throws `usage.invalid`. */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[], version: string): Parsed {
  let invocation: Invocation | null = null;
  let printed = '';
  const program = new Program('pulse')
    .description(
      'Takes a live market-data pipeline from Redis to Kafka: mirrors the ticks, builds bars on both sides, proves that they agree.',
    )
    .version(version)
    .configureHelp({ helpWidth: 100, showGlobalOptions: false })
    .addHelpText('after', '\nStart with `pulse up`: everything in one process, no server needed.');
  program.addHelpCommand(
    new Program('help').argument('[command]').description('show the help of a command').helpGroup(HELP_GROUP),
  );
  for (const command of commands) addCommand(program, command, (found) => (invocation = found));
  for (const each of [program, ...program.commands]) {
    each.exitOverride().configureOutput({
      writeOut: (text) => (printed += text),
      writeErr: (text) => (printed += text),
      outputError: () => undefined,
    });
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.help') return { print: printed, exit: argv.length === 0 ? WRONG_USAGE : 0 };
    if (error.exitCode === 0) return { print: printed, exit: 0 };
    throw new PulseError('usage.invalid', { problem: oneLine(error.message), help: helpFor(argv, commands) });
  }
  if (invocation === null)
    throw new PulseError('usage.invalid', { problem: 'no command was given', help: 'pulse --help' });
  return { run: invocation };
}

function headingOf(group: TaskGroup): string {
  return `${group}:`;
}

function addCommand(program: Commander, command: Command, found: (invocation: Invocation) => void): void {
  const child = program
    .command(command.name)
    .helpGroup(headingOf(specOf(command.name).group))
    .summary(command.summary)
    .description(command.summary)
    .allowExcessArguments(false);
  child.configureHelp({ helpWidth: 100 });
  if (command.details !== undefined) child.addHelpText('after', `\n${command.details}`);
  for (const { name, about, required, choices, variadic } of command.args ?? []) {
    const shape = variadic ? `${name}...` : name;
    const argument = new Argument(required ? `<${shape}>` : `[${shape}]`, about);
    if (choices !== undefined) argument.choices([...choices]);
    child.addArgument(argument);
  }
  const keys = new Map<string, SettingKey>();
  for (const [key, s] of settingsFor(command.name)) {
    const option = new Option(
      s.type.placeholder === null ? s.flag : `${s.flag} ${s.type.placeholder}`,
      aboutFlag(s, command.name),
    ).helpGroup(`${s.group}:`);
    child.addOption(option);
    // The way to say no to what a variable or the file says yes to.
    if (s.type.placeholder === null)
      child.addOption(new Option(s.flag.replace('--', '--no-')).hideHelp(s.default !== true).helpGroup(`${s.group}:`));
    keys.set(option.attributeName(), key);
  }
  child.action(() => {
    const flags: Partial<Record<SettingKey, unknown>> = {};
    for (const [name, key] of keys)
      if (child.getOptionValueSource(name) === 'cli') flags[key] = child.getOptionValue(name);
    const single = (command.args ?? []).filter(({ variadic }) => !variadic);
    const args = Object.fromEntries(single.map(({ name }, i) => [name, child.args[i]]));
    found({ command, flags, args, variadic: child.args.slice(single.length) });
  });
}

function aboutFlag(s: Setting<unknown>, command: CommandName): string {
  const byDefault = s.defaults[command] ?? s.default;
  const value = byDefault === null ? s.otherwise : shown(s, byDefault) || 'none';
  const about = s.type.placeholder === '<name>' ? `${s.about}: ${s.type.allowed}` : s.about;
  return `${about} [${[`default: ${value}`, ...(s.env === null ? [] : [s.env])].join('; ')}]`;
}

const oneLine = (message: string): string =>
  message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean/, ' (did you mean')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');

function helpFor(argv: readonly string[], commands: readonly Command[]): string {
  const command = commands.find(({ name }) => name === argv[0]);
  return command === undefined ? 'pulse --help' : `pulse ${command.name} --help`;
}
