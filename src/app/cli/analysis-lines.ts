import type { UnifiedAnalysis } from '../../domain/analysis/unified-analysis.ts';
import { levelText, priceText } from '../../domain/instrument/price-text.ts';
import { table } from '../../text/table.ts';

const MOST = 8;

/**
 * An analysis for a terminal: what it says, and the figures that it says it from. `increment`: the smallest step of a price, as decimal
 * text; null: nobody says it.
 */
export function analysisLines(analysis: UnifiedAnalysis, increment: string | null, colour: boolean): string[] {
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
    ...section('Indicators', indicatorLines(analysis, increment)),
    ...section('Points of interest', zoneLines(analysis, increment)),
    ...section('Liquidity', poolLines(analysis, increment)),
    ...section('Wyckoff', wyckoffLines(analysis, increment)),
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

/** Figures that stand among prices on a chart. */
const LEVELS = /^(vwap|bollinger)(_(upper|middle|lower))?$/;

const indicatorLines = (
  { technical_indicators: { rsi, macd, vwap, moving_averages, extras } }: UnifiedAnalysis,
  increment: string | null,
): string[] =>
  rowsOf(
    ['reading', 'value'],
    Object.entries({ rsi, macd, vwap, ...moving_averages, ...extras }).map(([name, value]) => [
      name,
      value != null && (LEVELS.test(name) || name in moving_averages) ? levelText(value, increment) : figure(value),
    ]),
  );

const zoneLines = ({ smc: { poi } }: UnifiedAnalysis, increment: string | null): string[] =>
  rowsOf(
    ['zone', 'direction', 'prices', 'state', 'since (UTC)'],
    poi
      .slice(-MOST)
      .map((z) => [
        z.kind,
        z.direction,
        `${priceText(z.bottom, increment)} to ${priceText(z.top, increment)}`,
        z.state,
        minute(z.start),
      ]),
  );

const poolLines = ({ smc: { liquidity_pools } }: UnifiedAnalysis, increment: string | null): string[] =>
  rowsOf(
    ['side', 'price', 'touches', 'since (UTC)'],
    liquidity_pools
      .slice(-MOST)
      .map((p) => [p.side, priceText(p.price, increment), String(p.touches), minute(p.start)]),
  );

function wyckoffLines({ wyckoff: { phase, events } }: UnifiedAnalysis, increment: string | null): string[] {
  if (phase === 'none') return [];
  const rows = events.map(({ code, price, start }) => [code, priceText(price, increment), minute(start)]);
  return [phase, ...rowsOf(['event', 'price', 'bar (UTC)'], rows)];
}
