import { chartFacts } from './chart-facts.ts';
import { type FactName, type Facts, type FactValue, factNames } from './fact.ts';
import type { FactSources, SomeFacts } from './fact-sources.ts';
import { historyFacts } from './history-facts.ts';
import { riskFacts } from './risk-facts.ts';
import { timeFacts } from './time-facts.ts';

const EXACT: ReadonlySet<FactName> = new Set([
  ...(['entry', 'stop', 'target', 'price', 'stop_distance', 'average_short', 'average_long'] as const),
  ...(['rate', 'units', 'equity', 'risk_quote', 'risk_money'] as const),
]);

/** As many digits as count: prices and money keep twelve, all else six. What is told and what is compared are then the same number. */
const tidy = (name: FactName, value: FactValue): FactValue =>
  typeof value === 'number' ? Number(value.toPrecision(EXACT.has(name) ? 12 : 6)) : value;

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
