import type { CommandName } from '../config/setting.ts';
import type { Runtime } from '../runtime.ts';

/** A word that follows the command. */
export interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  readonly required: boolean;
  readonly choices?: readonly string[];
}

/** A command of `pulse`. Its flags are the settings that name it. */
export interface Command {
  readonly name: CommandName;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What the help says below the usage; examples at its end. */
  readonly details?: string;
  readonly args?: readonly ArgumentSpec[];
  /** Resolves with the exit code. Rejects with a PulseError. */
  run(runtime: Runtime, args: Readonly<Record<string, string | undefined>>): Promise<number>;
}
