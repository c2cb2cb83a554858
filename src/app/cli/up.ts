import { BAR_STREAMS, NOISE_STREAMS } from '../../domain/bar/bar-topics.ts';
import { syntheticSymbols } from '../../domain/synthetic-market/instrument.ts';
import { type Endpoint, endpoint } from '../../edge/endpoint.ts';
import { checkAddress } from '../../edge/listen-error.ts';
import type { Service } from '../../ports/service.ts';
import { feed } from '../../services/feed/feed.ts';
import { listenSettings as mcp2Settings } from '../../services/mcp2/http/listen-settings.ts';
import { overseer } from '../../services/overseer/overseer.ts';
import type { ParityWatch } from '../../services/reconcile/watch.ts';
import { openAnalyses } from '../../stores/analyses.ts';
import { openGuidanceCalls } from '../../stores/guidance-calls.ts';
import { analysisRoutes } from '../beside-up/analysis-access.ts';
import { guidanceCallRoutes } from '../beside-up/guidance-calls.ts';
import { ledgerRoutes, openLedger } from '../beside-up/ledger-access.ts';
import { consumerGroups } from '../engines/consumer-groups.ts';
import { once } from '../engines/once.ts';
import { claimDataDir } from '../host/data-dir.ts';
import { listenSettings } from '../host/health-listener.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Hosted } from '../host/supervisor.ts';
import { demoService } from '../up/demo-service.ts';
import { chooseFeed, type FeedChoice } from '../up/feed-choice.ts';
import { demoBegins, demoWasCutOff, isFirstStart, wipe, wipeDemo } from '../up/first-start.ts';
import { showStatus } from '../up/status.ts';
import { makeCandidate, makeIncumbent } from '../wiring/bars.ts';
import { makeEnrichment } from '../wiring/enrichment.ts';
import { feedSource } from '../wiring/feed.ts';
import { markMadeUp } from '../wiring/made-up.ts';
import { makeMirror } from '../wiring/mirror.ts';
import { readParity } from '../wiring/parity-reading.ts';
import { pathNeeds } from '../wiring/path-needs.ts';
import type { Command } from './command.ts';
import { makeWatch } from './reconcile.ts';

/** Ticks in one append and one publish. */
const BATCH = 1_000;
const EVERY_MINUTE = '* * * * *';

export const upCommand: Command<'up'> = {
  name: 'up',
  summary: 'run everything in one process, on a laptop, with a made-up market',
  details: `You need not install or set anything. The engines are embedded and keep their data in the data directory, so the next start
continues where this one ended. If REDIS_URL, KAFKA_BOOTSTRAP_SERVERS or PG_DSN is set, Pulse uses that server instead, and makes up no
market unless you pass --feed synthetic.
The first start plays five past sessions, marked as a demo; one of them has an outage of the mirror.

Examples:
  pulse up
  pulse up --feed binance --symbols BTCUSDT,ETHUSDT
  pulse up --reset --seed 7`,
  async run(runtime) {
    const { config, clock, engines, terminal, version } = runtime;
    const { values } = config;
    const { dataDir, reset } = values;
    const { feed, note } = chooseFeed(config, engines.kind);
    const claim = await claimDataDir(dataDir, version, clock.now());
    try {
      await checkAddress({ host: values.host, port: values.port, settings: listenSettings });
      await checkAddress({ host: values.mcp2Host, port: values.mcp2Port, settings: mcp2Settings });
      if (reset) await wipe(dataDir);
      else if (demoWasCutOff(dataDir)) await wipeDemo(dataDir);
      if (note !== null) terminal.err(`${note}\n`);
      const embedded = Object.values(engines.kind).every((kind) => kind === 'embedded');
      const isFirst = isFirstStart(dataDir) && embedded && feed === 'synthetic';
      if (isFirst) await demoBegins(dataDir);
      const demo = isFirst ? demoService(runtime) : null;
      const watch: { service: ParityWatch | null } = { service: null };
      const mcp2 = (await import('../wiring/mcp2.ts')).serveMcp2(runtime);
      const services = [...hosted(runtime, feed, watch), ...mcp2.hosted];
      return await runtime.serve(demo === null ? services : [demo, ...services.map((each) => demo.before(each))], {
        routes: routes(runtime),
        listeners: (own) => [own, mcp2.listener],
        otherReports: mcp2.engineReports,
        servers: ['redis', 'kafka'],
        async listening([address = '', mcp2Address = ''], reports) {
          await claim.setAddresses(address, mcp2Address);
          // Until the demo is over the bottom of the terminal is its own.
          // detached: the demo outlives this start; a failure ends the process as a defect
          void Promise.resolve(demo?.over).then(() =>
            showStatus(runtime, [address, mcp2Address], reports, () => watch.service),
          );
        },
      });
    } finally {
      terminal.status([]);
      await claim.release();
    }
  },
};

function hosted(runtime: Runtime, from: FeedChoice['feed'], watch: { service: ParityWatch | null }): Hosted[] {
  const { noise } = runtime.config.values;
  const parts: Hosted[] = [
    { name: 'mirror', make: () => makeMirror(pathNeeds(runtime)) },
    { name: 'bars-candidate', make: () => makeCandidate(pathNeeds(runtime)) },
    {
      name: 'bars-incumbent',
      make: () => makeIncumbent(pathNeeds(runtime), BAR_STREAMS, () => runtime.engines.keys()),
    },
    {
      name: 'reconcile',
      make: async () => {
        watch.service = await makeWatch(runtime, EVERY_MINUTE);
        return watch.service;
      },
    },
    { name: 'enrichment', make: () => makeEnrichment(runtime) },
    { name: 'overseer', make: () => makeOverseer(runtime) },
  ];
  if (noise) parts.push({ name: 'bars-noise', make: () => makeIncumbent(pathNeeds(runtime), NOISE_STREAMS) });
  return from === 'none' ? parts : [...parts, { name: 'feed', make: () => makeFeed(runtime, from) }];
}

async function makeFeed(runtime: Runtime, name: Exclude<FeedChoice['feed'], 'none'>): Promise<Service> {
  const { config, engines, clock, metrics, journals } = runtime;
  const { streamVersionPrefix, tickStreamLength, symbolStreams, symbols } = config.values;
  if (name === 'synthetic')
    await markMadeUp(await engines.keys(), symbols ?? syntheticSymbols, clock.now(), clock, runtime.signal);
  return feed(
    {
      source: await feedSource(name, undefined, runtime),
      pubsub: await engines.pubSub(),
      streams: await engines.streams(),
      clock,
      metrics,
      journal: journals.of('feed'),
    },
    { prefix: streamVersionPrefix, streamLength: tickStreamLength, symbolStreams, batch: BATCH },
  );
}

/** It counts events; this process has printed them already. */
async function makeOverseer({ config, engines, clock, metrics, journals }: Runtime): Promise<Service> {
  return overseer(
    { log: await engines.log(), clock, metrics, journal: journals.of('overseer'), print: () => undefined },
    {
      topic: config.values.overseerTopic,
      group: consumerGroups.overseer,
      since: null,
      follow: false,
      grep: null,
      format: 'json',
      colour: false,
    },
  );
}

/** What other commands ask of this process. */
function routes(runtime: Runtime): Endpoint[] {
  const ledger = once(() => openLedger(runtime));
  return [
    ...ledgerRoutes(ledger),
    ...analysisRoutes(once(async () => openAnalyses(await runtime.engines.database()))),
    ...guidanceCallRoutes(once(async () => openGuidanceCalls(await runtime.engines.database()))),
    endpoint({
      method: 'GET',
      path: '/parity',
      access: 'any-key',
      tag: 'Commands',
      summary: 'How far both paths agree',
      answers: { 200: { about: 'The gate and its sessions' } },
      run: async () => readParity(runtime, await ledger(), null),
    }),
  ];
}
