import type { UnifiedAnalysis } from '../domain/analysis/unified-analysis.ts';
import { table } from '../domain/text-table.ts';

const MOST = 8;

/** An analysis for a terminal: what it says, and the figures that it says it from. */
export function analysisLines(analysis: UnifiedAnalysis, colour: boolean): string[] {
  const { symbol, timeframe, timestamp, text = '', extras } = analysis;
  const bold = (words: string): string => (colour ? `\x1b[1m${words}\x1b[0m` : words);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', bold(title), ...lines.map((line) => `  ${line}`)];
  return [
    bold(
      `${symbol} ${timeframe}, bar to ${timestamp.replace('T', ' ').slice(0, 16)} UTC${extras.settled === true ? '' : ' (not settled)'}`,
    ),
    text,
    ...section('Score', scoreLines(analysis)),
    ...section('Indicators', indicatorLines(analysis)),
    ...section('Points of interest', zoneLines(analysis)),
    ...section('Liquidity', poolLines(analysis)),
    ...section('Wyckoff', wyckoffLines(analysis)),
    ...section('Microstructure', figureLines(analysis.microstructure)),
  ];
}

const figure = (value: number | null | undefined): string =>
  value == null ? '–' : String(Number(value.toPrecision(7)));
const rowsOf = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : table(heads, rows).trimEnd().split('\n');
const figureLines = (figures: Readonly<Record<string, number | null>>): string[] =>
  rowsOf(
    ['reading', 'value'],
    Object.entries(figures).map(([name, value]) => [name, figure(value)]),
  );
const minute = (start: number): string => new Date(start).toISOString().slice(0, 16).replace('T', ' ');

function scoreLines({
  predictive_analysis: { scorer, conflict_detection: conflict, extras },
}: UnifiedAnalysis): string[] {
  const { maturity_score, grade, confidence_factors } = scorer;
  return [
    `${extras.direction ?? 'no direction'}: ${maturity_score} (${grade})${conflict.is_conflict ? `; longer timeframes point ${conflict.direction}` : ''}`,
    ...rowsOf(
      ['factor', 'weight', 'value', 'reason'],
      confidence_factors.map(({ name, weight, value, reason }) => [name, String(weight), figure(value), reason]),
    ),
  ];
}

const indicatorLines = ({
  technical_indicators: { rsi, macd, vwap, moving_averages, extras },
}: UnifiedAnalysis): string[] => figureLines({ rsi, macd, vwap, ...moving_averages, ...extras });

const zoneLines = ({ smc: { poi } }: UnifiedAnalysis): string[] =>
  rowsOf(
    ['zone', 'direction', 'prices', 'state', 'since (UTC)'],
    poi
      .slice(-MOST)
      .map((z) => [z.kind, z.direction, `${figure(z.bottom)} to ${figure(z.top)}`, z.state, minute(z.start)]),
  );

const poolLines = ({ smc: { liquidity_pools } }: UnifiedAnalysis): string[] =>
  rowsOf(
    ['side', 'price', 'touches', 'since (UTC)'],
    liquidity_pools.slice(-MOST).map((p) => [p.side, figure(p.price), String(p.touches), minute(p.start)]),
  );

function wyckoffLines({ wyckoff: { phase, events } }: UnifiedAnalysis): string[] {
  if (phase === 'none') return [];
  const rows = events.map(({ code, price, start }) => [code, figure(price), minute(start)]);
  return [phase, ...rowsOf(['event', 'price', 'bar (UTC)'], rows)];
}
