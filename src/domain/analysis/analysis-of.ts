import type { Bar } from '../bar/bar.ts';
import { type Timeframe, timeframeMs } from '../base/timeframe.ts';
import type { MarketSession } from '../enrichment/market-session.ts';
import type { TickReadings } from '../enrichment/tick-readings.ts';
import { priceText, quotedPrice } from '../instrument/price-text.ts';
import { analysisText } from './analysis-text.ts';
import type { ChartReadings } from './chart.ts';
import { conflictWith, directionOf, leaning } from './direction.ts';
import { maturity } from './maturity.ts';
import type { UnifiedAnalysis } from './unified-analysis.ts';
import type { VolumeKind } from './volume-kind.ts';

/** A bar with what its chart reads after it. */
export interface ChartView {
  readonly bar: Bar;
  readonly readings: ChartReadings;
}

/** What an analysis needs beside its own chart. */
export interface AnalysisContext {
  /** Of the last tick before the bar closed; null before the first. */
  readonly ticks: TickReadings | null;
  readonly settled: boolean;
  readonly volumeKind: VolumeKind;
  /** Smallest step of a price, as decimal text; null: nobody says it. */
  readonly priceIncrement: string | null;
  /** The longer timeframes that have a bar, shortest first. */
  readonly longer: ReadonlyMap<Timeframe, ChartReadings>;
  /** Of the world's markets, when the bar began. */
  readonly session: MarketSession;
}

/** The analysis of a closed bar, from what its charts and ticks read and nothing else. */
export function analysisOf(view: ChartView, context: AnalysisContext): UnifiedAnalysis {
  const { bar, readings } = view;
  const { symbol, tf, start, close } = bar;
  const { longer, ticks, session, priceIncrement } = context;
  const direction = leaning(readings, close);
  const conflict = conflictWith(direction, longer.values());
  const facts = {
    id: `${symbol}:${tf}:${start / 1000}`,
    symbol,
    timeframe: tf,
    timestamp: new Date(start + timeframeMs[tf]).toISOString(),
    market_context: {
      symbol,
      timeframe: tf,
      session,
      trend: readings.trend?.direction ?? null,
      volatility: readings.regime?.regime ?? null,
    },
    technical_indicators: technicalIndicators(readings),
    smc: smartMoney(readings),
    wyckoff: wyckoffOf(readings, priceIncrement),
    microstructure: {
      effective_spread: ticks?.effective_spread ?? null,
      realized_spread: ticks?.realized_spread ?? null,
      price_impact: ticks?.price_impact ?? null,
      liquidity_score: ticks?.liquidity_score ?? null,
      toxicity_score: ticks?.toxicity_score ?? null,
    },
    predictive_analysis: {
      scorer: { ...maturity({ readings, close, direction, longer: longer.values() }) },
      conflict_detection: conflict,
      extras: {
        direction,
        divergence: readings.divergence?.event ?? null,
        longer_timeframes: Object.fromEntries([...longer].map(([each, of]) => [each, directionOf(of)])),
      },
    },
    ispts_pipeline: pipeline(readings, session, conflict.direction ?? null),
    extras: {
      bar: barFacts(bar),
      settled: context.settled,
      volume_kind: context.volumeKind,
      spread: ticks?.spread ?? null,
      kyle_lambda: ticks?.kyle_lambda ?? null,
      order_flow_imbalance: ticks?.order_flow_imbalance ?? null,
      vpin: ticks?.vpin ?? null,
    },
  };
  const analysis = asQuoted(facts) as UnifiedAnalysis;
  return { ...analysis, text: analysisText(analysis, readings, priceIncrement) };
}

/** The same, its figures without the digits that only a double has. Whole numbers stay: moments are among them. */
function asQuoted(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : quotedPrice(value);
  if (Array.isArray(value)) return value.map(asQuoted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asQuoted(each)]));
}

const barFacts = ({ start, open, high, low, close, volume, n, digest, partial }: Bar) => ({
  start,
  open,
  high,
  low,
  close,
  volume,
  n,
  digest,
  partial,
});

function technicalIndicators({ averages, rsi, macd, atr, bollinger, adx, stochastic, vwap, regime }: ChartReadings) {
  return {
    rsi,
    macd: macd?.macd ?? null,
    vwap: vwap?.vwap ?? null,
    moving_averages: averages ?? {},
    extras: {
      macd_signal: macd?.signal ?? null,
      macd_histogram: macd?.histogram ?? null,
      atr,
      bollinger_upper: bollinger?.upper ?? null,
      bollinger_middle: bollinger?.middle ?? null,
      bollinger_lower: bollinger?.lower ?? null,
      bollinger_percent_b: bollinger?.percent_b ?? null,
      adx: adx?.adx ?? null,
      plus_di: adx?.plus_di ?? null,
      minus_di: adx?.minus_di ?? null,
      stochastic_k: stochastic?.k ?? null,
      stochastic_d: stochastic?.d ?? null,
      vwap_upper: vwap?.upper ?? null,
      vwap_lower: vwap?.lower ?? null,
      atr_percent: regime?.atr_percent ?? null,
      volatility_percentile: regime?.percentile ?? null,
    },
  };
}

function smartMoney({ structure, gaps, blocks, liquidity, location }: ChartReadings) {
  const zone = <Z extends { direction: string; top: number; bottom: number; start: number }>(
    kind: string,
    { direction, top, bottom, start }: Z,
    state: string,
  ) => ({ kind, direction, top, bottom, start, state });
  const event = structure?.event ?? null;
  return {
    market_structure: structure?.trend ?? 'undefined',
    poi: [
      ...(gaps?.open ?? []).map((gap) => zone('fair_value_gap', gap, gap.filled === 0 ? 'open' : 'partially filled')),
      ...(blocks?.blocks ?? []).map((block) => zone('order_block', block, block.status)),
    ],
    liquidity_pools: (liquidity?.pools ?? []).map(({ side, price, touches, start }) => ({
      side,
      price,
      touches,
      start,
    })),
    notes: [
      event === null ? '' : `${event.kind === 'bos' ? 'break of structure' : 'change of character'} ${event.direction}`,
      location === null ? '' : `close in ${location.zone}`,
    ]
      .filter((note) => note !== '')
      .join('; '),
  };
}

function wyckoffOf({ wyckoff }: ChartReadings, increment: string | null) {
  if (wyckoff === null) return { phase: 'none', events: [], notes: '' };
  const { schematic, phase, events, event, range } = wyckoff;
  return {
    phase: phase === null ? schematic : `${schematic} ${phase}`,
    events: events.map(({ code, start, price }) => ({ code, start, price })),
    notes: [
      event === null ? '' : `${event.code} on this bar`,
      range === null ? '' : `range ${priceText(range.low, increment)} to ${priceText(range.high, increment)}`,
    ]
      .filter((note) => note !== '')
      .join('; '),
  };
}

/** The same readings by the stage of the pipeline that older clients ask for. */
function pipeline(readings: ChartReadings, session: string, longer: string | null) {
  const { trend, regime, structure, gaps, liquidity, harmonic, location } = readings;
  return {
    context_analyzer: {
      session,
      trend: trend?.direction ?? null,
      trend_strength: trend?.strength ?? null,
      volatility: regime?.regime ?? null,
      longer_timeframes: longer,
    },
    liquidity_engine: { sweeps: liquidity?.sweeps ?? [], taken: liquidity?.taken ?? [] },
    structure_validator: {
      trend: structure?.trend ?? null,
      event: structure?.event ?? null,
      last_event: structure?.last_event ?? null,
      location,
    },
    // The open ones are among the points of interest.
    fvg_locator: { open: gaps?.open.length ?? 0, created: gaps?.created ?? null, filled: gaps?.filled ?? [] },
    harmonic_processor: { completed: harmonic?.completed ?? [], forming: harmonic?.forming ?? [] },
  };
}
