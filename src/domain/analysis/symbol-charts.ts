import type { Bar } from '../bar/bar.ts';
import { type Timeframe, timeframes } from '../base/timeframe.ts';
import type { TradingCalendar } from '../calendar/trading-calendar.ts';
import { marketSession } from '../enrichment/market-session.ts';
import type { TickReadings } from '../enrichment/tick-readings.ts';
import type { PriceBar } from '../indicators/detector.ts';
import { analysisOf, type ChartView } from './analysis-of.ts';
import type { BarAnalysis } from './bar-analysis.ts';
import { type Chart, type ChartState, chart } from './chart.ts';
import type { IndicatorOptions } from './indicator-options.ts';
import { type VolumeKind, type VolumeState, volumeKindAfter } from './volume-kind.ts';

export interface ChartOptions {
  readonly indicators: IndicatorOptions;
  /** Timeframes whose bars get an analysis. */
  readonly timeframes: readonly Timeframe[];
  readonly calendarOf: (symbol: string) => TradingCalendar;
  /** Smallest step of a price, as decimal text; null: nobody says it. */
  readonly priceIncrementOf: (symbol: string) => string | null;
}

/** The charts of a symbol, as plain JSON. */
export interface ChartsState {
  readonly charts: Readonly<Partial<Record<Timeframe, ChartState>>>;
  /** What stands for the volume of each chart's bars. */
  readonly volumes: Readonly<Partial<Record<Timeframe, VolumeState>>>;
  /** JSON of the indicators of the newest 1m bar, or `null`. */
  readonly indicators: string;
}

/** The charts of a symbol in every timeframe, and the analyses of their bars. */
export class SymbolCharts {
  readonly #options: ChartOptions;
  readonly #chart: Chart;
  readonly #weekends: 'open' | 'closed';
  readonly #calendar: TradingCalendar;
  readonly #priceIncrement: string | null;
  readonly #states = new Map<Timeframe, ChartState>();
  readonly #volumes = new Map<Timeframe, VolumeState>();
  #indicators: string;

  constructor(symbol: string, options: ChartOptions, state: ChartsState | null) {
    this.#options = options;
    this.#calendar = options.calendarOf(symbol);
    this.#priceIncrement = options.priceIncrementOf(symbol);
    this.#weekends = this.#calendar.name === '24x7' ? 'open' : 'closed';
    this.#chart = chart(options.indicators, this.#calendar);
    this.#indicators = state?.indicators ?? 'null';
    for (const [tf, of] of Object.entries(state?.charts ?? {})) this.#states.set(tf as Timeframe, of);
    for (const [tf, of] of Object.entries(state?.volumes ?? {})) this.#volumes.set(tf as Timeframe, of);
  }

  /** JSON of the indicators of the newest 1m bar, or `null`. */
  get indicators(): string {
    return this.#indicators;
  }

  /** Takes a closed bar; null where its timeframe gets no analysis. `ticks`: the readings of the last tick before it closed. */
  add(bar: Bar, ticks: TickReadings | null, settled: boolean): BarAnalysis | null {
    const { symbol, tf, start } = bar;
    // A partial minute still moved the price: leaving it out would tear the chart.
    const { before, volumeKind } = this.#beforeBar(bar);
    const state = this.#chart.next(before, priceBar(bar, volumeKind));
    this.#states.set(tf, state);
    const wanted = this.#options.timeframes.includes(tf);
    if (!wanted && tf !== '1m') return null;
    const view: ChartView = { bar, readings: this.#chart.read(state) };
    if (tf === '1m') this.#indicators = indicatorsOf(view);
    if (!wanted) return null;
    const payload = analysisOf(view, {
      ticks,
      settled,
      volumeKind,
      priceIncrement: this.#priceIncrement,
      longer: this.#longerThan(tf),
      session: marketSession(start, { weekends: this.#weekends }),
    });
    return { symbol, timeframe: tf, start, settled, payload };
  }

  snapshot(): ChartsState {
    return {
      charts: Object.fromEntries(this.#states),
      volumes: Object.fromEntries(this.#volumes),
      indicators: this.#indicators,
    };
  }

  /** The chart before `bar`, and what stands for the bar's volume. */
  #beforeBar({ tf, start, volume }: Bar): { before: ChartState; volumeKind: VolumeKind } {
    const last = this.#volumes.get(tf) ?? null;
    const next = volumeKindAfter(last, volume !== '0', this.#calendar.sessionOf(start)?.from ?? null);
    this.#volumes.set(tf, next);
    const before = this.#states.get(tf) ?? this.#chart.start();
    // VWAP starts anew with each session; Wyckoff would compare lots with counts of ticks.
    if (last === null || last.kind === next.kind) return { before, volumeKind: next.kind };
    return { before: { ...before, wyckoff: this.#chart.start().wyckoff }, volumeKind: next.kind };
  }

  /** What the longer timeframes read, as far as they have begun. */
  #longerThan(tf: Timeframe): Map<Timeframe, ChartView['readings']> {
    const longer = timeframes.slice(timeframes.indexOf(tf) + 1);
    return new Map(
      longer.flatMap((each) => {
        const state = this.#options.timeframes.includes(each) ? this.#states.get(each) : undefined;
        return state === undefined ? [] : [[each, this.#chart.read(state)]];
      }),
    );
  }
}

const priceBar = ({ start, open, high, low, close, volume, n }: Bar, kind: VolumeKind): PriceBar => ({
  start,
  open,
  high,
  low,
  close,
  volume: kind === 'traded' ? Number(volume) : n,
});

/** What an enriched tick says of the last settled bar. */
function indicatorsOf({ bar, readings }: ChartView): string {
  const { averages, rsi, macd, atr, adx, vwap, trend, regime, structure } = readings;
  return JSON.stringify({
    bar: bar.start,
    close: bar.close,
    ...averages,
    rsi,
    macd: macd?.macd ?? null,
    macd_signal: macd?.signal ?? null,
    atr,
    adx: adx?.adx ?? null,
    vwap: vwap?.vwap ?? null,
    trend: trend?.direction ?? null,
    volatility: regime?.regime ?? null,
    structure: structure?.trend ?? null,
  });
}
