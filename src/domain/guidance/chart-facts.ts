import { MINUTE } from '../base/timeframe.ts';
import type { FactSources, SomeFacts } from './fact-sources.ts';
import { type NamedIndicator, namedIndicators, numberField, sides, timeOf, wordField } from './payload-fields.ts';
import { thresholds } from './thresholds.ts';
import { coarseMinutes } from './time-facts.ts';

type Trend = 'up' | 'down' | 'sideways' | 'mixed';

/** Trend, momentum and volatility: of the payload's own indicators, and of the newest analysis. */
export function chartFacts({ payload, analysis, close, now }: FactSources): SomeFacts {
  const own = namedIndicators(payload);
  const extras = analysis?.technical_indicators.extras ?? {};
  const find = (...kinds: string[]): number | null => own.find(({ kind }) => kinds.includes(kind))?.value ?? null;
  const { short, long } = averages(own);
  const line = find('macd');
  const signal = find('macd_signal');
  const histogram = find('macd_histogram', 'macd_hist') ?? (line === null || signal === null ? null : line - signal);
  const adx = find('adx') ?? extras.adx ?? null;
  const atr = find('atr') ?? extras.atr ?? null;
  const price = typeof close === 'object' ? close.price : closeOf(analysis?.extras.bar);
  const trendPayload = trendOf(short, long, histogram, find('adx'));
  const trendAnalysis = analysis?.market_context.trend ?? null;
  const trend = together(trendPayload, trendAnalysis);
  const side = wordField(payload, 'side', sides);
  const conflict = analysis?.predictive_analysis.conflict_detection;
  const base = price ?? numberField(payload, 'entry');
  const at = timeOf(payload);
  return {
    side,
    price,
    market_data: marketData(close, at ?? now),
    trend,
    trend_payload: trendPayload,
    trend_analysis: trendAnalysis,
    trend_higher: conflict?.is_conflict === true ? (conflict.direction ?? null) : null,
    against_trend: side === null || trend === null ? null : trend === (side === 'long' ? 'down' : 'up'),
    adx,
    macd_histogram: histogram ?? extras.macd_histogram ?? null,
    average_short: short?.value ?? null,
    average_short_period: short?.period ?? null,
    average_long: long?.value ?? null,
    average_long_period: long?.period ?? null,
    rsi: find('rsi') ?? analysis?.technical_indicators.rsi ?? null,
    rsi_analysis: analysis?.technical_indicators.rsi ?? null,
    atr,
    atr_percent: atr === null || base === null || base <= 0 ? null : (atr / base) * 100,
    volatility: analysis?.market_context.volatility ?? null,
    maturity: analysis?.predictive_analysis.scorer.maturity_score ?? null,
    grade: analysis?.predictive_analysis.scorer.grade ?? null,
    analysis_age: analysis === null || at === null ? null : coarseMinutes(at - Date.parse(analysis.timestamp)),
  };
}

/** Whether the tape of the symbol reaches the time of the payload, give or take what counts as stale. */
const marketData = (close: FactSources['close'], at: number): string =>
  typeof close === 'string' ? close : at - close.at > thresholds.marketStaleMinutes * MINUTE ? 'stale' : 'fresh';

/** The shortest and the longest moving average, where there are two. */
function averages(own: readonly NamedIndicator[]) {
  const found = own
    .filter(({ kind, period }) => (kind === 'ema' || kind === 'sma') && period !== null)
    .sort((a, b) => a.period! - b.period!);
  const [short, long] = [found[0], found.at(-1)];
  return short === undefined || long === undefined || short.period === long.period
    ? { short: null, long: null }
    : { short, long };
}

/** Where averages and MACD point; below the ADX at which a trend begins there is none. */
function trendOf(
  short: NamedIndicator | null,
  long: NamedIndicator | null,
  histogram: number | null,
  adx: number | null,
): Trend | null {
  const signs = [short === null || long === null ? null : short.value - long.value, histogram].filter(
    (sign) => sign !== null,
  );
  if (adx !== null && adx < thresholds.trendAdx) return 'sideways';
  if (signs.length === 0) return null;
  if (signs.every((sign) => sign > 0)) return 'up';
  if (signs.every((sign) => sign < 0)) return 'down';
  return signs.every((sign) => sign === 0) ? 'sideways' : 'mixed';
}

const together = (a: Trend | null, b: Trend | null): Trend | null =>
  a === null || b === null || a === b ? (a ?? b) : a === 'sideways' ? b : b === 'sideways' ? a : 'mixed';

function closeOf(bar: unknown): number | null {
  const close = typeof bar === 'object' && bar !== null ? (bar as Record<string, unknown>).close : null;
  return typeof close === 'number' ? close : null;
}
