import { makeCandidate, makeIncumbent } from '../paths.ts';
import { pathNeeds } from '../runtime-paths.ts';
import type { Command } from './command.ts';

export const barsCommand: Command = {
  name: 'bars',
  summary: 'build bars: --source kafka is the candidate, --source redis the incumbent',
  details: `The candidate reads ticks.<SYMBOL> and writes bars.<SYMBOL>.1m; run as many as you like, they share the symbols.
The incumbent reads the channels ticks.* and writes stream:bar:1m:<SYMBOL>; run one.

Examples:
  pulse bars --source kafka
  pulse bars --source redis --composites 5m,1h`,
  run: (runtime) =>
    runtime.config.values.barsInput === 'kafka'
      ? runtime.serve([{ name: 'bars-candidate', make: () => makeCandidate(pathNeeds(runtime)) }])
      : runtime.serve([{ name: 'bars-incumbent', make: () => makeIncumbent(pathNeeds(runtime)) }]),
};
