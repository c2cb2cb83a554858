import { BAR_STREAMS, NOISE_STREAMS } from '../../domain/bar/bar-topics.ts';
import { makeCandidate, makeIncumbent } from '../wiring/bars.ts';
import { pathNeeds } from '../wiring/path-needs.ts';
import type { Command } from './command.ts';

export const barsCommand: Command<'bars'> = {
  name: 'bars',
  summary: 'build bars: --source kafka is the candidate, --source redis the incumbent',
  details: `The candidate reads ticks.<SYMBOL> and writes bars.<SYMBOL>.1m; run as many as you like, they share the symbols.
The incumbent reads the channels ticks.* and writes stream:bar:1m:<SYMBOL>; run one. With --noise
a second one writes stream:bar:noise:1m:<SYMBOL>, for the noise floor of \`pulse reconcile --noise\`.

Examples:
  pulse bars --source kafka
  pulse bars --source redis --composites 5m,1h`,
  run: (runtime) =>
    runtime.config.values.barsInput === 'kafka'
      ? runtime.serve([{ name: 'bars-candidate', make: () => makeCandidate(pathNeeds(runtime)) }], {
          servers: ['kafka'],
        })
      : runtime.serve(
          [
            {
              name: 'bars-incumbent',
              make: () =>
                runtime.config.values.noise
                  ? makeIncumbent(pathNeeds(runtime), NOISE_STREAMS)
                  : makeIncumbent(pathNeeds(runtime), BAR_STREAMS, () => runtime.engines.keys()),
            },
          ],
          { servers: ['redis'] },
        ),
};
