import { overseer } from '../../services/overseer/overseer.ts';
import { consumerGroups } from '../engines/consumer-groups.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Command } from './command.ts';

export const overseerCommand: Command<'overseer'> = {
  name: 'overseer',
  summary: 'print and count the events of every service',
  details: `Without --since this is a service: it continues where it stopped, and serves /metrics.

Examples:
  pulse overseer
  pulse overseer --since 1h --grep gap
  pulse overseer --since 2026-07-01T09:30Z --follow`,
  async run(runtime) {
    if (runtime.config.values.since === null)
      return runtime.serve([{ name: 'overseer', make: () => make(runtime) }], { servers: ['kafka'] });
    await (await make(runtime)).run(runtime.signal);
    return 0;
  },
};

async function make({
  config,
  engines,
  clock,
  metrics,
  journals,
  terminal,
}: Runtime): Promise<ReturnType<typeof overseer>> {
  const { overseerTopic, since, follow, grep, logFormat } = config.values;
  return overseer(
    {
      log: await engines.log(),
      clock,
      metrics,
      journal: journals.of('overseer'),
      print: (line) => terminal.out(`${line}\n`),
    },
    {
      topic: overseerTopic,
      group: consumerGroups.overseer,
      since: since === null ? null : 'at' in since ? since.at : clock.now() - since.agoMs,
      follow,
      grep,
      format: logFormat === 'auto' ? (terminal.outIsTerminal ? 'pretty' : 'json') : logFormat,
      colour: terminal.colour,
    },
  );
}
