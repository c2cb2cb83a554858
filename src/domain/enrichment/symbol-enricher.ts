import type { BarAnalysis } from '../analysis/bar-analysis.ts';
import { type ChartOptions, type ChartsState, SymbolCharts } from '../analysis/symbol-charts.ts';
import type { Bar } from '../bar/bar.ts';
import { BarBuilder, type BuilderState } from '../bar/bar-builder.ts';
import type { BarOptions } from '../bar/bar-options.ts';
import type { TickFields } from '../tick/tick.ts';
import { aggressor } from './aggressor.ts';
import type { EntryTick } from './enriched-tick.ts';
import type { EnricherState } from './enricher-state.ts';
import { SessionClock } from './market-session.ts';
import { TickEnricher } from './tick-enricher.ts';
import type { TickReadings } from './tick-readings.ts';

export interface EnrichmentOptions extends ChartOptions {
  /** Without a correction window: a bar that closed by the time of its ticks is settled, so that what is read off it stays. */
  readonly bars: BarOptions;
  /** Symbols that may trade at or below zero. */
  readonly nonPositive: (symbol: string) => boolean;
}

/** All that is known of a symbol, as plain JSON. */
export interface SymbolState {
  readonly place: number;
  readonly ticks: EnricherState;
  readonly builder: BuilderState;
  readonly charts: ChartsState;
  readonly readings: TickReadings | null;
}

/** What a tick gives. */
export interface Taken {
  /** JSON of the readings, an object. */
  readonly readings: string;
  /** JSON of the last settled 1m bar's indicators, or `null`. */
  readonly indicators: string;
  readonly analyses: readonly BarAnalysis[];
}

const NONE: readonly BarAnalysis[] = [];

/** One symbol's way from ticks to enriched rows and analyses. A function of the ticks so far and nothing else. */
export class SymbolEnricher {
  readonly #symbol: string;
  readonly #options: EnrichmentOptions;
  readonly #ticks: TickEnricher;
  readonly #builder: BarBuilder;
  readonly #charts: SymbolCharts;
  readonly #sessions: SessionClock;
  /** Of the newest tick. */
  #readings: TickReadings | null;
  /** Ticks so far: the place of each in the order in which they came. */
  #place: number;
  #receivedAt = 0;
  /** What `settledByClock` told last, so that it tells each bar once. */
  #told = '';

  constructor(symbol: string, options: EnrichmentOptions, state: SymbolState | null) {
    this.#symbol = symbol;
    this.#options = options;
    this.#ticks = state === null ? new TickEnricher() : TickEnricher.restore({}, state.ticks);
    this.#builder = new BarBuilder(symbol, options.bars, null);
    if (state === null) this.#builder.joined(null);
    else this.#builder.restore(state.builder);
    this.#charts = new SymbolCharts(symbol, options, state?.charts ?? null);
    this.#sessions = new SessionClock({ weekends: options.calendarOf(symbol).name === '24x7' ? 'open' : 'closed' });
    this.#readings = state?.readings ?? null;
    this.#place = state?.place ?? 0;
  }

  /** `receivedAt`: when the entry was appended, epoch milliseconds; null where unknown. */
  take(tick: EntryTick, fields: TickFields, receivedAt: number | null): Taken {
    if (receivedAt !== null) this.#receivedAt = receivedAt;
    const counted = this.#builder.add(fields, this.#place, receivedAt);
    this.#place += 1;
    // The bars that this tick closes do not hold it: they are read before it is.
    const analyses = this.#builder.hasOutput ? this.#settle(this.#builder.take()) : NONE;
    const { ts, price, bid, ask, side } = tick;
    const taker = side === null ? null : aggressor(side);
    this.#readings = this.#ticks.next({ ts, price, bid, ask, volume: Number(tick.volume), side: taker });
    const readings = JSON.stringify({
      ...this.#readings,
      session: this.#sessions.at(ts),
      ...(side !== null && { side }),
      ...(tick.id !== null && { id: tick.id }),
      // After its bar: the tick is kept, and is in no bar.
      ...(!counted && { late: true }),
    });
    return { readings: withSequence(readings, tick.seq), indicators: this.#charts.indicators, analyses };
  }

  /** Ticks before the next one may have been missed: the bars that they may belong to are partial. */
  missed(): void {
    this.#builder.joined(null);
  }

  /**
   * The analyses of bars that are over by the clock while no tick has closed them: as they stand, on copies, so that what ticks will
   * say is not touched. Each once, until its ticks change. `now` in epoch milliseconds.
   */
  settledByClock(now: number): BarAnalysis[] {
    const copy = new BarBuilder(this.#symbol, this.#options.bars, null);
    copy.restore(this.#builder.snapshot());
    copy.idle(now, this.#receivedAt, this.#receivedAt);
    const bars = copy.take();
    const told = bars.map(({ tf, start, digest }) => `${tf}${start}${digest}`).join();
    if (bars.length === 0 || told === this.#told) return [];
    this.#told = told;
    const charts = new SymbolCharts(this.#symbol, this.#options, this.#charts.snapshot());
    return bars.flatMap((bar) => charts.add(bar, this.#readings, false) ?? []);
  }

  snapshot(): SymbolState {
    return {
      place: this.#place,
      ticks: this.#ticks.snapshot(),
      builder: this.#builder.snapshot(),
      charts: this.#charts.snapshot(),
      readings: this.#readings,
    };
  }

  #settle(bars: readonly Bar[]): BarAnalysis[] {
    return bars.flatMap((bar) => this.#charts.add(bar, this.#readings, true) ?? []);
  }
}

/** As text, because a double would lose digits. */
const withSequence = (readings: string, seq: string | null): string =>
  seq === null ? readings : `${readings.slice(0, -1)},"seq":${seq}}`;
