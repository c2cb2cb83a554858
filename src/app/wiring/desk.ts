import { threadReader } from '../../adapters/document-reader/thread.ts';
import type { Desk, Documents, Guidance, Market, Trades } from '../../ports/desk.ts';
import { makeDocuments } from '../../services/desk/documents/documents.ts';
import { guidance } from '../../services/desk/guidance/guidance.ts';
import { type BarReading, market } from '../../services/desk/market/market.ts';
import { trades } from '../../services/desk/trades/trades.ts';
import { activeBars } from '../../services/reconcile/active-bars.ts';
import { readBarSource } from '../../services/reconcile/bar-source.ts';
import { openAnalyses } from '../../stores/analyses.ts';
import { openDocuments } from '../../stores/documents.ts';
import { type GuidanceCalls, openGuidanceCalls } from '../../stores/guidance-calls.ts';
import { newestIn } from '../beside-up/analysis-access.ts';
import { openLedger } from '../beside-up/ledger-access.ts';
import { instrumentsOf } from '../config/instruments.ts';
import { once } from '../engines/once.ts';
import { opening } from '../engines/opening.ts';
import type { Runtime } from '../host/runtime.ts';
import { makeVectorArm, type VectorArm } from './embedder.ts';
import { guidanceSources } from './guidance-sources.ts';
import { makeModels } from './models.ts';
import { readParity } from './parity-reading.ts';
import { openSides } from './reconcile.ts';

/** The desk of mcp2 on the engines of a command, none of which has to be there yet. */
export interface WiredDesk {
  readonly desk: Desk;
  readonly calls: GuidanceCalls;
  /** The arm of search that goes by meaning; null where no embedder is configured. */
  vectors(): Promise<VectorArm | null>;
  /** By which clients reach it, for the links of documents. */
  setAddress(address: string): void;
}

export function makeDesk(runtime: Runtime): WiredDesk {
  const { engines, config } = runtime;
  const { mcp2PublicUrl, mcp2Host, mcp2Port } = config.values;
  let publicUrl = mcp2PublicUrl ?? `http://${mcp2Host}:${mcp2Port}`;
  const calls = opening(
    async () => openGuidanceCalls(await engines.database()),
    ['insert', 'get', 'newestOf', 'dropOlder', 'add', 'spent'],
  );
  const vectors = once(() => makeVectorArm(runtime, 'mcp2'));
  const read = makeMarket(runtime);
  return {
    desk: {
      trades: makeTrades(runtime),
      documents: documentsWith(runtime, vectors, () => publicUrl),
      guidance: makeGuidance(runtime, read, calls),
      market: read,
    },
    calls,
    vectors,
    setAddress(address) {
      publicUrl = mcp2PublicUrl ?? address;
    },
  };
}

function makeTrades({ engines, clock, random, metrics }: Runtime): Trades {
  const open = async () => trades({ store: await engines.trades(), clock, random, metrics });
  return opening(open, ['log', 'fetch', 'recent']);
}

function documentsWith(
  { engines, config, clock, metrics }: Runtime,
  vectors: () => Promise<VectorArm | null>,
  publicUrl: () => string,
): Documents {
  const open = async (): Promise<Documents> => {
    const store = await openDocuments(await engines.database());
    const arm = await vectors();
    const options = {
      maxBytes: config.values.documentMaxBytes,
      get publicUrl() {
        return publicUrl();
      },
    };
    const documents = makeDocuments(
      { store, vectors: arm?.search ?? null, reader: threadReader({ clock }), clock, metrics },
      options,
    );
    return {
      ...documents,
      async add(document, caller) {
        const added = await documents.add(document, caller);
        arm?.wake();
        return added;
      },
    };
  };
  return opening(open, ['search', 'add', 'get', 'remove', 'list']);
}

function makeGuidance(runtime: Runtime, read: Market, calls: GuidanceCalls): Guidance {
  const { engines, config, clock, random, metrics, journals, version } = runtime;
  const { values } = config;
  const stored = opening(() => engines.trades(), ['recent']);
  const streams = opening(() => engines.streams(), ['newest']);
  return guidance(
    {
      models: makeModels(values, { clock, random, metrics, spending: calls }),
      sources: guidanceSources({
        trades: stored,
        market: read,
        symbols: async () => (await readBars(runtime)).symbols(),
        instruments: instrumentsOf(values),
        accountCurrency: values.accountCurrency,
        clock,
      }),
      streams,
      calls,
      clock,
      random,
      metrics,
      journal: journals.of('mcp2'),
    },
    { version, reuseSeconds: values.guidanceReuseSeconds },
  );
}

/** Bars from where readers take them, as things stand. */
async function readBars({ engines, config: { values } }: Runtime): Promise<BarReading> {
  const { source, bars } = await activeBars(
    await openSides(engines, values, false),
    await engines.keys(),
    values.barSource,
  );
  return { source, symbols: () => bars.symbols(), newest: (symbol, minutes) => bars.newest(symbol, minutes) };
}

/** What is read of the tape. */
function makeMarket(runtime: Runtime): Market {
  const { engines, config } = runtime;
  const analyses = once(async () => openAnalyses(await engines.database()));
  const ledger = once(() => openLedger(runtime));
  return market({
    streams: () => engines.streams(),
    barSource: async () => readBarSource(await engines.keys(), config.values.barSource),
    bars: () => readBars(runtime),
    parity: async (symbol) => readParity(runtime, await ledger(), symbol),
    analysis: async (symbol, timeframe) => newestIn(await analyses(), symbol, timeframe),
  });
}
