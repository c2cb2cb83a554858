import { orNull } from './absent.ts';
import type { EnricherSettings } from './enricher-options.ts';
import { Ring, type RingState } from './ring.ts';
import { SortedWindow } from './sorted-window.ts';

export interface VolumeBucketsState {
  readonly seen: number;
  readonly mean: number;
  readonly size: number;
  readonly filled: number;
  readonly signed: number;
  readonly path: number;
  readonly imbalances: RingState;
  readonly sizes: RingState;
  readonly illiquidity: RingState;
  readonly vpin: number | null;
  readonly depthShare: number | null;
}

/** The mean volume looks back over about so many ticks. */
const MEMORY = 1_000;
/** Fewer complete buckets than this tell nothing. */
const ENOUGH = 10;

/**
 * Flow cut into buckets of volume. VPIN = Σ|V buy − V sell| / ΣV over the last `buckets` complete ones (Easley, López de Prado & O'Hara 2012),
 * from the tenth on; a trade that overfills a bucket goes on in the next. Where the paper takes 1/50 of a day's mean volume as bucket and bulk
 * classification, a bucket here is `ticksPerBucket` times the mean volume of a tick when it is opened (mean of all at first, of about the last
 * 1,000 later), since a first day has no mean, and each tick is signed by itself; one without a sign counts as half bought, half sold.
 *
 * Depth share, the stand-in for the depth that ticks do not carry: the share of the last `buckets` whose illiquidity, the path of the price
 * (Σ|log return|) per volume (after Amihud 2002), was greater than that of the newest; 1 is the deepest.
 */
export class VolumeBuckets {
  readonly #ticksPerBucket: number;
  readonly #imbalances: Ring;
  readonly #sizes: Ring;
  readonly #illiquidity: SortedWindow;
  #seen: number;
  #mean: number;
  #size: number;
  #filled: number;
  #signed: number;
  #path: number;
  #vpin: number;
  #depthShare: number;

  constructor({ ticksPerBucket, buckets }: EnricherSettings, state?: VolumeBucketsState) {
    this.#ticksPerBucket = ticksPerBucket;
    this.#imbalances = new Ring(buckets, state?.imbalances);
    this.#sizes = new Ring(buckets, state?.sizes);
    this.#illiquidity = new SortedWindow(buckets, state?.illiquidity);
    this.#seen = state?.seen ?? 0;
    this.#mean = state?.mean ?? 0;
    this.#size = state?.size ?? 0;
    this.#filled = state?.filled ?? 0;
    this.#signed = state?.signed ?? 0;
    this.#path = state?.path ?? 0;
    this.#vpin = state?.vpin ?? Number.NaN;
    this.#depthShare = state?.depthShare ?? Number.NaN;
  }

  /** NaN before the tenth bucket. */
  get vpin(): number {
    return this.#vpin;
  }

  /** NaN before the first bucket. */
  get depthShare(): number {
    return this.#depthShare;
  }

  /** A tick of `volume` > 0 on the side `sign` that moved the price by `path` ≥ 0. */
  add(sign: number, volume: number, path: number): void {
    if (this.#seen < MEMORY) this.#seen += 1;
    this.#mean += (volume - this.#mean) / this.#seen;
    if (this.#size === 0) this.#size = this.#ticksPerBucket * this.#mean;
    this.#path += path;
    let rest = volume;
    while (this.#filled + rest >= this.#size) {
      const taken = this.#size - this.#filled;
      rest = Math.max(0, rest - taken);
      this.#signed += sign * taken;
      this.#close();
    }
    this.#filled += rest;
    this.#signed += sign * rest;
  }

  #close(): void {
    this.#imbalances.push(Math.abs(this.#signed));
    this.#sizes.push(this.#size);
    const illiquidity = this.#path / this.#size;
    this.#illiquidity.push(illiquidity);
    this.#depthShare = this.#illiquidity.shareAbove(illiquidity);
    if (this.#sizes.count >= ENOUGH) this.#vpin = Math.min(1, this.#imbalances.sum() / this.#sizes.sum());
    // The mean holds this tick, so that few buckets take in the rest of it, however great it is.
    this.#size = this.#ticksPerBucket * this.#mean;
    this.#filled = 0;
    this.#signed = 0;
    this.#path = 0;
  }

  snapshot(): VolumeBucketsState {
    return {
      seen: this.#seen,
      mean: this.#mean,
      size: this.#size,
      filled: this.#filled,
      signed: this.#signed + 0,
      path: this.#path,
      imbalances: this.#imbalances.snapshot(),
      sizes: this.#sizes.snapshot(),
      illiquidity: this.#illiquidity.snapshot(),
      vpin: orNull(this.#vpin),
      depthShare: orNull(this.#depthShare),
    };
  }
}
