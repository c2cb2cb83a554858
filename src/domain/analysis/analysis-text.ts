import type { MarketSession } from '../enrichment/market-session.ts';
import { levelText, priceText } from '../instrument/price-text.ts';
import type { ChartReadings } from './chart.ts';
import { shown } from './shown.ts';
import { placeOf, sideOf } from './side-of.ts';
import type { UnifiedAnalysis } from './unified-analysis.ts';

const SESSIONS: Readonly<Record<MarketSession, string | null>> = {
  asia: 'Asia',
  asia_london: 'Asia and London',
  london: 'London',
  london_new_york: 'London and New York',
  new_york: 'New York',
  off: null,
  closed: null,
};

/** How a price is told. */
interface PriceTexts {
  readonly price: (price: number) => string;
  /** One that was computed. */
  readonly level: (level: number) => string;
}

/**
 * The facts of an analysis in plain English: a few short sentences, each said only where it is known. `increment`: the smallest step of a
 * price, as decimal text; null: nobody says it.
 */
export function analysisText(analysis: UnifiedAnalysis, readings: ChartReadings, increment: string | null): string {
  const prices: PriceTexts = {
    price: (price) => priceText(price, increment),
    level: (level) => levelText(level, increment),
  };
  const sentences = [
    opening(analysis, prices),
    trendSentence(analysis),
    momentumSentence(analysis, prices),
    structureSentence(readings, prices),
    zonesSentence(analysis, readings, prices),
    wyckoffSentence(analysis),
    patternSentence(readings, prices),
    scoreSentence(analysis),
    conflictSentence(analysis),
  ];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}

function opening({ symbol, timeframe, timestamp, extras }: UnifiedAnalysis, { price }: PriceTexts): string {
  const { open, high, low, close } = extras.bar as { open: number; high: number; low: number; close: number };
  const way = close > open ? 'rose' : close < open ? 'fell' : 'went nowhere';
  return `${symbol} ${timeframe} to ${timestamp.slice(0, 16).replace('T', ' ')} UTC ${way} from ${price(open)} to ${price(close)} (low ${price(low)}, high ${price(high)}).`;
}

function trendSentence({ market_context: { trend, volatility, session } }: UnifiedAnalysis): string | null {
  const place = SESSIONS[session] === null ? '' : ` in the ${SESSIONS[session]} session`;
  if (trend === null && volatility === null) return null;
  const way =
    trend === null
      ? 'The trend cannot be told yet'
      : trend === 'sideways'
        ? 'There is no trend'
        : `The trend is ${trend}`;
  return `${way}${place}${volatility === null ? '' : `, with ${volatility} volatility`}.`;
}

function momentumSentence(
  { technical_indicators: { rsi, macd, vwap, extras }, extras: { bar } }: UnifiedAnalysis,
  { level }: PriceTexts,
): string | null {
  const { close } = bar as { close: number };
  const histogram = extras.macd_histogram ?? null;
  const parts: string[] = [];
  if (rsi !== null) parts.push(`RSI is ${shown(rsi)}${rsi >= 70 ? ', overbought' : rsi <= 30 ? ', oversold' : ''}`);
  if (macd !== null && histogram !== null) parts.push(`MACD is ${placeOf[sideOf(histogram, close)]} its signal`);
  if (vwap !== null) {
    const side = sideOf(close - vwap, close);
    // At VWAP the same price, rounded, would look like another one.
    parts.push(`the close is ${placeOf[side]} VWAP${side === 0 ? '' : ` ${level(vwap)}`}`);
  }
  if (parts.length === 0) return null;
  const sentence = parts.join(', ');
  return `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`;
}

function structureSentence({ structure, location }: ChartReadings, { price }: PriceTexts): string | null {
  if (structure === null || structure.trend === 'undefined') return null;
  const { event } = structure;
  const happened =
    event === null
      ? ''
      : `; this bar made a ${event.kind === 'bos' ? 'break of structure' : 'change of character'} ${event.direction} at ${price(event.level)}`;
  return `Market structure points ${structure.trend}${happened}${location === null ? '' : `, and the close stands in ${location.zone}`}.`;
}

function zonesSentence({ smc }: UnifiedAnalysis, { liquidity }: ChartReadings, { price }: PriceTexts): string | null {
  const gaps = smc.poi.filter(({ kind }) => kind === 'fair_value_gap').length;
  const blocks = smc.poi.filter(({ kind }) => kind === 'order_block');
  // The price has been back to a mitigated one: it is held, and no longer untouched.
  const fresh = blocks.filter(({ state }) => state === 'fresh').length;
  const sweep = liquidity?.sweeps[0];
  const count = (n: number, one: string, state: string): string => `${n} ${one}${n === 1 ? ' is' : 's are'} ${state}`;
  const parts: string[] = [];
  if (gaps > 0) parts.push(count(gaps, 'fair-value gap', 'open'));
  if (fresh > 0) parts.push(count(fresh, 'order block', 'fresh'));
  if (blocks.length > fresh) parts.push(count(blocks.length - fresh, 'order block', 'mitigated'));
  const sentences: string[] = [];
  if (parts.length > 0) sentences.push(`${parts.join(', ')}.`);
  if (sweep !== undefined)
    sentences.push(`${sweep.side === 'buy' ? 'Buy' : 'Sell'}-side liquidity at ${price(sweep.price)} was swept.`);
  return sentences.length === 0 ? null : sentences.join(' ');
}

const wyckoffSentence = ({ wyckoff: { phase, notes } }: UnifiedAnalysis): string | null =>
  phase === 'none' ? null : `Wyckoff: ${phase}${notes === '' ? '' : `; ${notes}`}.`;

function patternSentence({ harmonic, divergence }: ChartReadings, { price }: PriceTexts): string | null {
  const done = harmonic?.completed[0];
  const parts: string[] = [];
  if (done !== undefined) parts.push(`A ${done.direction} ${done.pattern} completed at ${price(done.points.d.price)}.`);
  if (divergence?.event != null)
    parts.push(`A ${divergence.event.kind} ${divergence.event.direction} divergence of RSI and price was confirmed.`);
  return parts.length === 0 ? null : parts.join(' ');
}

function scoreSentence({ predictive_analysis: { scorer, extras } }: UnifiedAnalysis): string {
  if (extras.direction === null) return 'No direction stands out.';
  const [most] = scorer.confidence_factors
    .filter(({ value }) => value > 0.5)
    .sort((a, b) => b.weight * b.value - a.weight * a.value);
  const why = most === undefined ? '' : `, most of all because ${most.reason}`;
  return `The case for ${extras.direction} scores ${scorer.maturity_score} (${scorer.grade})${why}.`;
}

function conflictSentence({ predictive_analysis: { conflict_detection: conflict } }: UnifiedAnalysis): string | null {
  return conflict.is_conflict ? `The longer timeframes point ${conflict.direction}: a conflict.` : null;
}
