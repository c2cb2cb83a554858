import { PulseError } from '../domain/errors.ts';
import { timeOf } from '../domain/guidance/payload-fields.ts';
import type { CalendarName } from '../domain/trading-calendar.ts';
import type { Clock } from '../ports/clock.ts';
import type { TradeStore } from '../ports/trade-store.ts';
import type { GuidanceSources } from '../services/mcp2/guidance/inputs.ts';
import type { Market } from '../services/mcp2/parts.ts';
import { joined } from './joined.ts';
import { within } from './within.ts';

export interface SourceNeeds {
  readonly trades: Pick<TradeStore, 'recent'>;
  readonly market: Pick<Market, 'analysis' | 'bars'>;
  readonly calendar: (symbol: string) => CalendarName;
  readonly clock: Clock;
}

/** Newest stored trades among which those of a strategy are looked for. */
const LOOKED_AT = 200;

/** What guidance reads, from the stored trades and the market; an engine that is silent counts as away, for guidance can do without. */
export function guidanceSources({ trades, market, calendar, clock }: SourceNeeds): GuidanceSources {
  // A burst of requests would read and parse the same trades once for each.
  const newest = joined(async () =>
    (await trades.recent(LOOKED_AT)).map(({ payload, at }) => {
      const trade = JSON.parse(payload) as { readonly strategy?: unknown };
      return { at: timeOf(trade) ?? at, payload: trade };
    }),
  );
  return {
    calendar,
    analysis: (symbol, timeframe) =>
      within(market.analysis(symbol, timeframe), 'the database', clock).catch(orNull('analysis.none')),
    close: (symbol) =>
      within(market.bars(symbol, 1), 'the source of bars', clock).then(
        ({ bars }) => bars.at(-1)?.c ?? null,
        orNull('symbol.unknown'),
      ),
    earlier: async (strategy, limit) =>
      (await within(newest(), 'the store of trades', clock))
        .filter(({ payload }) => payload.strategy === strategy)
        .slice(0, limit),
  };
}

const orNull =
  (code: 'analysis.none' | 'symbol.unknown') =>
  (error: unknown): null => {
    if (error instanceof PulseError && error.code === code) return null;
    throw error;
  };
