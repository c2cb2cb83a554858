import type { CommandName } from '../config/setting.ts';
import type { Runtime } from '../host/runtime.ts';

/** A word that follows the command. */
export interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  readonly required: boolean;
  readonly choices?: readonly string[];
  /** The last one may stand for as many words as there are. */
  readonly variadic?: boolean;
}

/** A command of `pulse`. Its flags are the settings that name it. */
export interface Command<Name extends CommandName = CommandName> {
  readonly name: Name;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What the help says below the usage; examples at its end. */
  readonly details?: string;
  readonly args?: readonly ArgumentSpec[];
  /** `variadic`: the words of the variadic argument, which is not among `args`. Resolves with the exit code. Rejects with a PulseError. */
  run(
    runtime: Runtime,
    args: Readonly<Record<string, string | undefined>>,
    variadic: readonly string[],
  ): Promise<number>;
}
