import { market } from '../services/mcp2/market/market.ts';
import type { Market } from '../services/mcp2/parts.ts';
import { openAnalyses } from '../stores/analyses.ts';
import { activeBars } from './active-bars.ts';
import { newestIn } from './analysis-access.ts';
import { openLedger } from './ledger-access.ts';
import { once } from './once.ts';
import { readParity } from './parity-reading.ts';
import { openSides } from './reconciling.ts';
import type { Runtime } from './runtime.ts';

/** What is read of the tape, from the engines of a command. */
export function makeMarket(runtime: Runtime): Market {
  const { engines, config } = runtime;
  const analyses = once(async () => openAnalyses(await engines.database()));
  const ledger = once(() => openLedger(runtime));
  return market({
    streams: () => engines.streams(),
    async bars() {
      const sides = await openSides(engines, config.values, false);
      const { source, bars } = await activeBars(sides, await engines.keys(), config.values.barSource);
      return { source, symbols: () => bars.symbols(), newest: (symbol, minutes) => bars.newest(symbol, minutes) };
    },
    parity: async (symbol) => readParity(runtime, await ledger(), symbol),
    analysis: async (symbol, timeframe) => newestIn(await analyses(), symbol, timeframe),
  });
}
