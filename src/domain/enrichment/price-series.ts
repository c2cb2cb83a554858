import { orNull } from './absent.ts';
import type { EnricherSettings } from './enricher-options.ts';
import type { RingState } from './ring.ts';
import { SortedWindow } from './sorted-window.ts';

export interface PriceSeriesState {
  readonly last: number | null;
  readonly at: number;
  readonly changedAt: number;
  readonly direction: -1 | 0 | 1;
  readonly step: number;
  readonly run: number;
  readonly moves: RingState;
}

/** Fewer moves than this tell nothing about what is usual. */
const ENOUGH = 16;
/** Makes the MAD of a normal distribution its standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** The same for the mean absolute deviation. */
const MEAN_TO_SIGMA = 1.2533;

/**
 * The prices of one kind (mids, or trades) that entered the statistics, and the judgement on the next one.
 *
 * Outlier: |Δ − median| / scale > z, where Δ is the move from the last price that entered, and the median is that of the last
 * `outlierWindow` moves (Hampel 1974), at least 16 of them. The scale is the greatest of 1.4826·MAD; 1.2533·mean absolute deviation, which
 * Iglewicz & Hoaglin (1993) take where the MAD is 0, as it often is: most moves of a tape are nought or one step; `outlierFloorBps` of the price;
 * and the smallest step of the price so far. All moves go into the window, outliers too, since the median bears them and a market that has
 * become wilder must widen the scale; spikes hide one another only from about one tick in eight on. Of `relevelAfter` outliers in a row the last
 * one is taken as the market's new level, and so is the first price after `reopenAfterMs` of silence. (A trade
 * between the sides of the quote that prevailed before it is none, whatever is found here: TickEnricher sees to that.)
 */
export class PriceSeries {
  readonly #settings: EnricherSettings;
  readonly #moves: SortedWindow;
  #last: number;
  #at: number;
  #changedAt: number;
  #direction: -1 | 0 | 1;
  /** Smallest move so far other than rounding; 0 before the first. */
  #step: number;
  /** Outliers in a row. */
  #run: number;

  constructor(settings: EnricherSettings, state?: PriceSeriesState) {
    this.#settings = settings;
    this.#moves = new SortedWindow(settings.outlierWindow, state?.moves);
    this.#last = state?.last ?? Number.NaN;
    this.#at = state?.at ?? 0;
    this.#changedAt = state?.changedAt ?? 0;
    this.#direction = state?.direction ?? 0;
    this.#step = state?.step ?? 0;
    this.#run = state?.run ?? 0;
  }

  /** NaN before the first. */
  get last(): number {
    return this.#last;
  }

  get direction(): -1 | 0 | 1 {
    return this.#direction;
  }

  /** The tick rule for `price`. */
  directionOf(price: number): -1 | 0 | 1 {
    return price > this.#last ? 1 : price < this.#last ? -1 : this.#direction;
  }

  /** ln(price / last); NaN where there is none. */
  logReturn(price: number): number {
    if (price === this.#last) return price > 0 ? 0 : Number.NaN;
    return price > 0 && this.#last > 0 ? Math.log(price / this.#last) : Number.NaN;
  }

  /** Whether `price` has stood unchanged for `ms` or longer. */
  isStale(price: number, ts: number, ms: number): boolean {
    return price === this.#last && ts - this.#changedAt >= ms;
  }

  /** Whether `price` is an outlier. Each price is judged once, in order. */
  judge(price: number, ts: number): boolean {
    const move = price - this.#last;
    if (Number.isNaN(move)) return false;
    if (ts - this.#at >= this.#settings.reopenAfterMs) {
      this.#run = 0;
      return false;
    }
    const far = this.#isFar(move);
    this.#moves.push(move);
    this.#run = far ? this.#run + 1 : 0;
    if (this.#run < this.#settings.relevelAfter) return far;
    this.#run = 0;
    return false;
  }

  #isFar(move: number): boolean {
    if (this.#moves.count < ENOUGH) return false;
    const { outlierZ, outlierFloorBps } = this.#settings;
    const distance = Math.abs(move - this.#moves.median());
    const floor = Math.max(outlierFloorBps * 1e-4 * Math.abs(this.#last), this.#step);
    // The scale is never below the floor: the MAD is needed for few ticks only.
    if (distance <= outlierZ * floor) return false;
    const mad = this.#moves.mad();
    const scale = Math.max(MAD_TO_SIGMA * mad, MEAN_TO_SIGMA * this.#moves.meanDeviation());
    return distance > outlierZ * scale;
  }

  accept(price: number, ts: number): void {
    const move = Math.abs(price - this.#last);
    if (move > 1e-9 * Math.abs(price) && (this.#step === 0 || move < this.#step)) this.#step = move;
    this.#direction = this.directionOf(price);
    if (price !== this.#last) this.#changedAt = ts;
    this.#last = price + 0;
    this.#at = ts;
  }

  snapshot(): PriceSeriesState {
    return {
      last: orNull(this.#last),
      at: this.#at,
      changedAt: this.#changedAt,
      direction: this.#direction,
      step: this.#step,
      run: this.#run,
      moves: this.#moves.snapshot(),
    };
  }
}
