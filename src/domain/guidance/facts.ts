import type { UnifiedAnalysis } from '../analysis/unified-analysis.ts';
import type { StrategyPayload } from '../strategy-payload.ts';
import type { CalendarName } from '../trading-calendar.ts';
import { chartFacts } from './chart-facts.ts';
import { type FactName, type Facts, type FactValue, factNames } from './fact.ts';
import { historyFacts } from './history-facts.ts';
import { riskFacts } from './risk-facts.ts';
import { timeFacts } from './time-facts.ts';

/** An earlier payload of the same strategy. */
export interface EarlierTrade {
  /** When it was received, epoch milliseconds: counts where its own time cannot be read. */
  readonly at: number;
  readonly payload: unknown;
}

export interface FactSources {
  readonly payload: StrategyPayload;
  /** The newest of the payload's symbol and timeframe; null: there is none. */
  readonly analysis: UnifiedAnalysis | null;
  /** Close of the newest bar of the symbol; null: there is none. */
  readonly close: number | null;
  /** When the market of the symbol is open. */
  readonly calendar: CalendarName;
  /** Of the same strategy; null: it could not be read, which is not the same as none. */
  readonly earlier: readonly EarlierTrade[] | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Facts that one source gives; those that it leaves out are missing. */
export type SomeFacts = Partial<Record<FactName, FactValue | null>>;

const PRICES: ReadonlySet<FactName> = new Set(['entry', 'stop', 'target', 'price', 'average_short', 'average_long']);

/** As many digits as count: prices keep twelve, all else six. What is told and what is compared are then the same number. */
const tidy = (name: FactName, value: FactValue): FactValue =>
  typeof value === 'number' ? Number(value.toPrecision(PRICES.has(name) ? 12 : 6)) : value;

/** What can be known of a trade from its payload, the market and the trades before. Only numbers and words of closed lists come out: no text of the payload. */
export function factsOf(sources: FactSources): Facts {
  const chart = chartFacts(sources);
  const some: SomeFacts = { ...timeFacts(sources), ...historyFacts(sources), ...chart, ...riskFacts(sources, chart) };
  return Object.fromEntries(
    factNames.map((name) => {
      const value = some[name] ?? null;
      return [name, value === null || Number.isNaN(value) ? null : tidy(name, value)];
    }),
  ) as Facts;
}
