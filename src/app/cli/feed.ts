import { syntheticSymbols } from '../../domain/synthetic-market/instrument.ts';
import type { Service } from '../../ports/service.ts';
import type { TickSource } from '../../ports/tick-source.ts';
import { feed } from '../../services/feed/feed.ts';
import { showProgress } from '../../services/feed/progress-bar.ts';
import type { Runtime } from '../host/runtime.ts';
import { type FeedSource, feedSource, feedSources, refuseIdleFlags } from '../wiring/feed.ts';
import { markMadeUp } from '../wiring/made-up.ts';
import type { Command } from './command.ts';

/** Ticks in one append and one publish. */
const BATCH = 1_000;

export const feedCommand: Command<'feed'> = {
  name: 'feed',
  summary: 'publish ticks to Redis: from a file, a made-up market, an exchange, or standard input',
  details: `Examples:
  pulse feed replay EURUSD.ndjson.gz --speed 60 --shift now
  pulse feed synthetic --seed 7 --symbols EURUSD,BTCUSD
  pulse feed binance --symbols BTCUSDT,ETHUSDT
  my-gateway | pulse feed stdin`,
  args: [
    { name: 'source', about: 'where the ticks come from', required: true, choices: feedSources },
    { name: 'file', about: 'for replay: NDJSON or CSV, plain or in gzip', required: false },
  ],
  async run(runtime, { source, file }) {
    const name = source as FeedSource;
    refuseIdleFlags(name, runtime.config);
    const over = new AbortController();
    // Opened before anything is served: what is wrong with it is wrong with the command line. A later attempt begins anew.
    let opened: TickSource | null = await feedSource(name, file, runtime);
    const make = async (): Promise<Service> => {
      const first = opened;
      opened = null;
      return makeFeed(runtime, name, first ?? (await feedSource(name, file, runtime)), over.signal);
    };
    const code = await runtime.serve([{ name: 'feed', make }], { servers: ['redis'] });
    over.abort();
    return code;
  },
};

async function makeFeed(runtime: Runtime, name: FeedSource, source: TickSource, over: AbortSignal): Promise<Service> {
  const { config, engines, clock, metrics, journals, terminal } = runtime;
  const { streamVersionPrefix, tickStreamLength, symbolStreams } = config.values;
  if (name === 'synthetic') {
    const { symbols, from } = config.values;
    await markMadeUp(await engines.keys(), symbols ?? syntheticSymbols, from ?? clock.now(), clock, over);
  }
  if (terminal.errIsTerminal) showProgress(source, terminal.err, clock, over);
  return feed(
    {
      source,
      pubsub: await engines.pubSub(),
      streams: await engines.streams(),
      clock,
      metrics,
      journal: journals.of('feed'),
    },
    { prefix: streamVersionPrefix, streamLength: tickStreamLength, symbolStreams, batch: BATCH },
  );
}
