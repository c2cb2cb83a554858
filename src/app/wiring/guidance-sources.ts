import { MINUTE } from '../../domain/base/timeframe.ts';
import type { ServedBar } from '../../domain/desk/market-answers.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import {
  type RateProblem,
  rateOn,
  ratePaths,
  type TapedClose,
  type TapedPair,
} from '../../domain/guidance/conversion.ts';
import { timeOf } from '../../domain/guidance/payload-fields.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Market } from '../../ports/desk.ts';
import type { TradeStore } from '../../ports/trade-store.ts';
import type { GuidanceSources } from '../../services/desk/guidance/inputs.ts';
import type { Instruments } from '../config/instruments.ts';
import { joined } from '../engines/joined.ts';
import { within } from '../engines/within.ts';

export interface SourceNeeds {
  readonly trades: Pick<TradeStore, 'recent'>;
  readonly market: Pick<Market, 'analysis' | 'bars'>;
  /** Symbols of which the active source has bars. */
  readonly symbols: () => Promise<readonly string[]>;
  readonly instruments: Instruments;
  readonly accountCurrency: string | null;
  readonly clock: Clock;
}

/** Newest stored trades among which those of a strategy are looked for. */
const LOOKED_AT = 200;

/** What guidance reads, from the stored trades and the market; an engine that is silent counts as away, for guidance can do without. */
export function guidanceSources(needs: SourceNeeds): GuidanceSources {
  const { trades, market, instruments, accountCurrency, clock } = needs;
  // A burst of requests would read and parse the same trades once for each.
  const newest = joined(async () =>
    (await trades.recent(LOOKED_AT)).map(({ payload, at }) => {
      const trade = JSON.parse(payload) as { readonly strategy?: unknown };
      return { at: timeOf(trade) ?? at, payload: trade };
    }),
  );
  const bars = (symbol: string, count: number): Promise<readonly ServedBar[]> =>
    within(market.bars(symbol, count), 'the source of bars', clock).then(
      (found) => found.bars,
      async (error: unknown) => (await orNull('symbol.unknown')(error)) ?? [],
    );
  const symbols = joined(needs.symbols);
  return {
    accountCurrency,
    instrument: (symbol) => instruments(symbol),
    analysis: (symbol, timeframe) =>
      within(market.analysis(symbol, timeframe), 'the database', clock).catch(orNull('analysis.none')),
    close: async (symbol) => closeBefore(await bars(symbol, 1), Number.POSITIVE_INFINITY),
    async rate(from, to, at) {
      const known = await within(symbols(), 'the source of bars', clock);
      const paths = ratePaths(from, to, pairsAmong(known, instruments));
      // A minute has one bar at most: among so many of the newest is one from before the trade, if there is any.
      const count = Math.ceil((clock.now() - at) / MINUTE) + 2;
      if (count > MOST_BARS) return paths.length === 0 ? 'none' : 'later';
      const closes = new Map<string, TapedClose | null>();
      let problem: RateProblem = paths.length === 0 ? 'none' : 'later';
      for (const path of paths) {
        for (const { symbol } of path)
          if (!closes.has(symbol)) closes.set(symbol, closeBefore(await bars(symbol, Math.max(count, 2)), at));
        const found = rateOn(path, closes, at);
        if (typeof found === 'object') return found;
        if (found === 'stale') problem = found;
      }
      return problem;
    },
    earlier: async (strategy, limit) =>
      (await within(newest(), 'the store of trades', clock))
        .filter(({ payload }) => payload.strategy === strategy)
        .slice(0, limit),
  };
}

/** How far back rates are looked for: two days of minutes. */
const MOST_BARS = 2_880;

const pairsAmong = (symbols: readonly string[], instruments: Instruments): TapedPair[] =>
  symbols.flatMap((symbol) => {
    const { base, quote } = instruments(symbol);
    return base === null || quote === null ? [] : [{ symbol, base, quote }];
  });

/** The newest close of a minute that ended at or before `at`, epoch milliseconds. */
function closeBefore(bars: readonly ServedBar[], at: number): TapedClose | null {
  const bar = bars.findLast(({ ts }) => ts * 1_000 + MINUTE <= at);
  return bar === undefined ? null : { price: bar.c, at: bar.ts * 1_000 + MINUTE };
}

const orNull =
  (code: 'analysis.none' | 'symbol.unknown') =>
  (error: unknown): null => {
    if (error instanceof PulseError && error.code === code) return null;
    throw error;
  };
