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
  readonly engines: EnginePolicy;
  /**
   * `service`: long-running, its output is its log. `watch`: so with --watch only. `printing-service`: long-running, its output is what it
   * prints, and its log goes to standard error. `task`: ends by itself, its output is its result, and its log goes to standard error.
   */
  readonly runs: 'service' | 'watch' | 'printing-service' | 'task';
}

// A service that quietly wrote into a folder of its own would look healthy and serve nobody: hence `real`.
export const commandSpecs = {
  up: { group: 'Run everything', engines: 'where-set', runs: 'service' },
  feed: { group: 'Services', engines: 'real', runs: 'service' },
  mirror: { group: 'Services', engines: 'real', runs: 'service' },
  bars: { group: 'Services', engines: 'real', runs: 'service' },
  reconcile: { group: 'Parity and cut-over', engines: 'as-found', runs: 'watch' },
  parity: { group: 'Parity and cut-over', engines: 'as-found', runs: 'task' },
  promote: { group: 'Parity and cut-over', engines: 'as-found', runs: 'task' },
  rollback: { group: 'Parity and cut-over', engines: 'as-found', runs: 'task' },
  overseer: { group: 'Services', engines: 'as-found', runs: 'printing-service' },
  enrichment: { group: 'Services', engines: 'real', runs: 'service' },
  'enrich-file': { group: 'Analysis and guidance', engines: 'embedded', runs: 'task' },
  analyze: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  mcp2: { group: 'Services', engines: 'real', runs: 'service' },
  mcp: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  docs: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  llm: { group: 'Analysis and guidance', engines: 'as-found', runs: 'task' },
  // Its engines are those of --engines.
  verify: { group: 'Run everything', engines: 'embedded', runs: 'task' },
  doctor: { group: 'Operate', engines: 'as-found', runs: 'task' },
  dlq: { group: 'Operate', engines: 'as-found', runs: 'task' },
  topics: { group: 'Operate', engines: 'as-found', runs: 'task' },
  instruments: { group: 'Operate', engines: 'as-found', runs: 'task' },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof commandSpecs;

/** Every command that `pulse` has. */
export const commandNames = Object.keys(commandSpecs) as readonly CommandName[];

/** Commands that stay and listen, some of them with a flag only. */
export const longRunning: readonly CommandName[] = commandNames.filter((name) => commandSpecs[name].runs !== 'task');
