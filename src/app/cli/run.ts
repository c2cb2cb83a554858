import type { PulseError } from '../../domain/errors/errors.ts';
import { readConfig } from '../config/config.ts';
import { readConfigFile } from '../config/config-file.ts';
import { redaction } from '../host/redaction.ts';
import { isService, makeRuntime, version } from '../host/runtime.ts';
import { pulseError } from '../host/supervisor.ts';
import type { Terminal } from '../host/terminal.ts';
import type { Command } from './command.ts';
import { outputOf } from './output.ts';
import { parseCommandLine } from './program.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory. */
  readonly folder: string;
  readonly terminal: Terminal;
  /** Aborts when the process is told to stop. */
  readonly signal: AbortSignal;
}

/** Runs a command line; resolves with the exit code. What is wrong stands on standard error, one line each. */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  { env, folder, terminal, signal }: Surroundings,
): Promise<number> {
  let secrets: readonly string[] = [];
  try {
    const parsed = parseCommandLine(argv, commands, version);
    if ('print' in parsed) {
      (parsed.exit === 0 ? terminal.out : terminal.err)(parsed.print);
      return parsed.exit;
    }
    const { command, flags, args, variadic } = parsed.run;
    const file = await readConfigFile(
      folder,
      typeof flags.configFile === 'string' ? flags.configFile : env.PULSE_CONFIG || null,
    );
    const { config, faults } = readConfig(command.name, { flags, env, file });
    secrets = config.secrets;
    for (const fault of faults) complain(terminal, fault, secrets);
    if (faults[0] !== undefined) return faults[0].exit;
    const output = outputOf(terminal, isService(config), signal);
    const runtime = makeRuntime(config, terminal, AbortSignal.any([signal, output.unread]));
    let code: number;
    try {
      code = await Promise.race([command.run(runtime, args, variadic), output.unreadCode]);
    } finally {
      await runtime.close();
    }
    await terminal.settled();
    output.check();
    return code;
  } catch (thrown) {
    const error = pulseError(thrown);
    complain(terminal, error, secrets);
    return error.exit;
  }
}

function complain(terminal: Terminal, error: PulseError, secrets: readonly string[]): void {
  const { text } = redaction(secrets);
  terminal.err(`pulse: ${text(error.message.replace(/\s*\n\s*/g, ' '))}\n`);
  // A defect can be mended only with the place it happened at.
  if (error.code === 'host.unexpected' && error.cause instanceof Error)
    terminal.err(`${text(error.cause.stack ?? '')}\n`);
}
