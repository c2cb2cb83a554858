import type { ChartReadings } from './chart.ts';
import { shown } from './shown.ts';
import type { UnifiedAnalysis } from './unified-analysis.ts';

const REGIMES = { low: 'low', normal: 'normal', high: 'high', extreme: 'extreme' } as const;

/** The facts of an analysis in plain English: a few short sentences, each said only where it is known. */
export function analysisText(analysis: UnifiedAnalysis, readings: ChartReadings): string {
  const sentences = [
    opening(analysis),
    trendSentence(analysis),
    momentumSentence(analysis),
    structureSentence(readings),
    zonesSentence(analysis, readings),
    wyckoffSentence(analysis),
    patternSentence(readings),
    scoreSentence(analysis),
    conflictSentence(analysis),
  ];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}

function opening({ symbol, timeframe, timestamp, extras }: UnifiedAnalysis): string {
  const { open, high, low, close } = extras.bar as { open: number; high: number; low: number; close: number };
  const way = close > open ? 'rose' : close < open ? 'fell' : 'went nowhere';
  return `${symbol} ${timeframe} to ${timestamp.slice(0, 16).replace('T', ' ')} UTC ${way} from ${open} to ${close} (low ${low}, high ${high}).`;
}

function trendSentence({ market_context: { trend, volatility, session } }: UnifiedAnalysis): string | null {
  const place = session === 'closed' || session === 'off' ? '' : ` in the ${session.replaceAll('_', ' and ')} session`;
  if (trend === null && volatility === null) return null;
  const way =
    trend === null
      ? 'The trend cannot be told yet'
      : trend === 'sideways'
        ? 'There is no trend'
        : `The trend is ${trend}`;
  return `${way}${place}${volatility === null ? '' : `, with ${REGIMES[volatility]} volatility`}.`;
}

function momentumSentence({
  technical_indicators: { rsi, macd, vwap, extras },
  extras: { bar },
}: UnifiedAnalysis): string | null {
  if (rsi === null) return null;
  const { close } = bar as { close: number };
  const state = rsi >= 70 ? ', overbought' : rsi <= 30 ? ', oversold' : '';
  const histogram = extras.macd_histogram ?? null;
  const parts = [`RSI is ${shown(rsi)}${state}`];
  if (macd !== null && histogram !== null) parts.push(`MACD is ${histogram >= 0 ? 'above' : 'below'} its signal`);
  if (vwap !== null)
    parts.push(`the close is ${close > vwap ? 'above' : close < vwap ? 'below' : 'at'} VWAP ${shown(vwap)}`);
  return `${parts.join(', ')}.`;
}

function structureSentence({ structure, location }: ChartReadings): string | null {
  if (structure === null || structure.trend === 'undefined') return null;
  const { event } = structure;
  const happened =
    event === null
      ? ''
      : `; this bar made a ${event.kind === 'bos' ? 'break of structure' : 'change of character'} ${event.direction} at ${event.level}`;
  return `Market structure points ${structure.trend}${happened}${location === null ? '' : `, and the close stands in ${location.zone}`}.`;
}

function zonesSentence({ smc }: UnifiedAnalysis, { liquidity }: ChartReadings): string | null {
  const gaps = smc.poi.filter(({ kind }) => kind === 'fair_value_gap').length;
  const blocks = smc.poi.length - gaps;
  const sweep = liquidity?.sweeps[0];
  if (smc.poi.length === 0 && sweep === undefined) return null;
  const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;
  const swept =
    sweep === undefined ? '' : ` ${sweep.side === 'buy' ? 'Buy' : 'Sell'}-side liquidity at ${sweep.price} was swept.`;
  return `${count(gaps, 'fair-value gap')} and ${count(blocks, 'order block')} are open.${swept}`;
}

const wyckoffSentence = ({ wyckoff: { phase, notes } }: UnifiedAnalysis): string | null =>
  phase === 'none' ? null : `Wyckoff: ${phase}${notes === '' ? '' : `; ${notes}`}.`;

function patternSentence({ harmonic, divergence }: ChartReadings): string | null {
  const done = harmonic?.completed[0];
  const parts: string[] = [];
  if (done !== undefined) parts.push(`A ${done.direction} ${done.pattern} completed at ${done.points.d.price}.`);
  if (divergence?.event != null)
    parts.push(`A ${divergence.event.kind} ${divergence.event.direction} divergence of RSI and price was confirmed.`);
  return parts.length === 0 ? null : parts.join(' ');
}

function scoreSentence({ predictive_analysis: { scorer, extras } }: UnifiedAnalysis): string {
  if (extras.direction === null) return 'No direction stands out.';
  const most = [...scorer.confidence_factors].sort((a, b) => b.weight * b.value - a.weight * a.value)[0]!;
  return `The case for ${extras.direction} scores ${scorer.maturity_score} (${scorer.grade}), most of all because ${most.reason}.`;
}

function conflictSentence({ predictive_analysis: { conflict_detection: conflict } }: UnifiedAnalysis): string | null {
  return conflict.is_conflict ? `The longer timeframes point ${conflict.direction}: a conflict.` : null;
}
