/**
 * Which engines a command uses. `real`: by URL only. `where-set`: by URL where somebody set one, else embedded.
 * `as-found`: by URL where set; else embedded where the data directory holds embedded engines, as beside a `pulse up`; else by URL.
 */
export type EnginePolicy = 'real' | 'where-set' | 'as-found' | 'embedded';

/** The headings of `pulse --help`. */
export type TaskGroup = 'Run everything' | 'Services' | 'Parity and cut-over' | 'Analysis and guidance' | 'Operate';

/** What is fixed about a command; all that depends on its name is derived from here. */
export interface CommandSpec {
  readonly group: TaskGroup;
  /** `flag`: as --engines says. */
  readonly engines: EnginePolicy | 'flag';
  /**
   * `service`: long-running, its output is its log. `watch`: so with --watch only. `printing-service`: long-running, its output is what it
   * prints, and its log goes to standard error. `task`: ends by itself, its output is its result, and its log goes to standard error.
   */
  readonly runs: 'service' | 'watch' | 'printing-service' | 'task';
  /** Where one that runs long listens: at --host and --port unless it says `own`, which is an address with settings of its own. */
  readonly address?: 'own';
  /** Whether its events go to the log: always (default), or only where the log is embedded or somebody named one, since it needs none. */
  readonly events?: 'where-log-is-set';
  /** Whether one process at a time has the data directory: its place in groups of workers has then the name of the command, not of the process. */
  readonly alone?: true;
}

// A service that quietly wrote into a folder of its own would look healthy and serve nobody: hence `real`.
/** By name, in the order of the help. */
const commandSpecs = {
  up: { group: 'Run everything', engines: 'where-set', runs: 'service', alone: true },
  verify: { group: 'Run everything', engines: 'flag', runs: 'task' },
  feed: { group: 'Services', engines: 'real', runs: 'service', events: 'where-log-is-set' },
  mirror: { group: 'Services', engines: 'real', runs: 'service' },
  bars: { group: 'Services', engines: 'real', runs: 'service' },
  enrichment: { group: 'Services', engines: 'real', runs: 'service' },
  mcp2: { group: 'Services', engines: 'real', runs: 'service', address: 'own' },
  overseer: { group: 'Services', engines: 'as-found', runs: 'printing-service' },
  reconcile: { group: 'Parity and cut-over', engines: 'as-found', runs: 'watch' },
  parity: { group: 'Parity and cut-over', engines: 'as-found', runs: 'task' },
  promote: { group: 'Parity and cut-over', engines: 'as-found', runs: 'task' },
  rollback: { group: 'Parity and cut-over', engines: 'as-found', runs: 'task' },
  'enrich-file': { group: 'Analysis and guidance', engines: 'embedded', runs: 'task' },
  analyze: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  docs: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  llm: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  mcp: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  doctor: { group: 'Operate', engines: 'as-found', runs: 'task' },
  dlq: { group: 'Operate', engines: 'as-found', runs: 'task' },
  topics: { group: 'Operate', engines: 'as-found', runs: 'task' },
  instruments: { group: 'Operate', engines: 'as-found', runs: 'task' },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof commandSpecs;

export const specOf = (name: CommandName): CommandSpec => commandSpecs[name];

/** Every command that `pulse` has, in the order of the help. */
export const commandNames = Object.keys(commandSpecs) as readonly CommandName[];

/** Commands that stay and listen, some of them with a flag only. */
export const longRunning: readonly CommandName[] = commandNames.filter((name) => commandSpecs[name].runs !== 'task');

/** Those of them that listen at --host and --port. */
export const listeningAtPort: readonly CommandName[] = longRunning.filter((name) => specOf(name).address !== 'own');
