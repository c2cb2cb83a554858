import { DecimalSum } from '../base/decimal.ts';
import type { Timeframe } from '../base/timeframe.ts';
import { TickDigest } from '../tick/tick-digest.ts';
import { type Bar, bar } from './bar.ts';
import type { BarOptions } from './bar-options.ts';
import { type Bucket, bucketOf } from './bucket.ts';

/** One bar out of several of the same symbol, in order of start. Sums and digests add up exactly. */
function foldBars(bars: readonly Bar[], tf: Timeframe, start: number, rev: number): Bar {
  const volume = new DecimalSum();
  const digest = new TickDigest();
  for (const b of bars) {
    volume.addText(b.volume);
    digest.addDigest(b.digest);
  }
  const first = bars[0]!;
  const last = bars[bars.length - 1]!;
  const sources = bars.flatMap((b) => b.source ?? []);
  return bar({
    symbol: first.symbol,
    tf,
    start,
    open: first.open,
    high: Math.max(...bars.map((b) => b.high)),
    low: Math.min(...bars.map((b) => b.low)),
    close: last.close,
    volume: volume.toString(),
    n: bars.reduce((sum, b) => sum + b.n, 0),
    rev,
    digest: digest.toString(),
    partial: bars.some((b) => b.partial),
    ...(sources.length > 0 && {
      source: {
        partition: sources[0]!.partition,
        from: Math.min(...sources.map((s) => s.from)),
        to: Math.max(...sources.map((s) => s.to)),
      },
    }),
  });
}

interface OpenBucket extends Bucket {
  /** What will change no more, folded into one bar. */
  settled: Bar | null;
  /** Minutes that may still be corrected, by start. */
  readonly tail: Map<number, Bar>;
  rev: number;
  changed: boolean;
}

/** A composite under construction, as plain values. */
export interface CompositeState extends Bucket {
  readonly settled: Bar | null;
  readonly tail: readonly Bar[];
  readonly rev: number;
  readonly changed: boolean;
}

/**
 * Builds the bars of one longer timeframe from 1m bars. A minute counts from its close on; a correction of it corrects the composite.
 * Minutes that settled are folded, so that the state stays small even for a day.
 */
export class Composite {
  readonly #tf: Timeframe;
  readonly #options: BarOptions;
  #buckets: OpenBucket[] = [];

  constructor(tf: Timeframe, options: BarOptions) {
    this.#tf = tf;
    this.#options = options;
  }

  /** Takes a 1m bar, or its correction. */
  update(minute: Bar): void {
    let bucket = this.#buckets.find((b) => minute.start >= b.start && minute.start < b.end);
    if (bucket === undefined) {
      bucket = {
        ...bucketOf(this.#tf, minute.start, this.#options.timeZoneOrigin),
        settled: null,
        tail: new Map(),
        rev: -1,
        changed: true,
      };
      this.#buckets.push(bucket);
      this.#buckets.sort((a, b) => a.start - b.start);
    }
    bucket.tail.set(minute.start, minute);
    bucket.changed = true;
  }

  /** That minute will change no more. Minutes settle in order. */
  settle(minuteStart: number): void {
    const bucket = this.#buckets.find((b) => b.tail.has(minuteStart));
    const minute = bucket?.tail.get(minuteStart);
    if (bucket === undefined || minute === undefined) return;
    bucket.settled = foldBars(bucket.settled === null ? [minute] : [bucket.settled, minute], this.#tf, bucket.start, 0);
    bucket.tail.delete(minuteStart);
  }

  /** Whether `close` would give anything. */
  isDue(time: number): boolean {
    return this.#buckets.some((b) => b.changed && time >= b.end + this.#options.graceMs);
  }

  /** The composites that are over when no tick before `time` minus grace is missing, and the corrections of earlier ones. */
  close(time: number): Bar[] {
    const closed: Bar[] = [];
    for (const bucket of this.#buckets) {
      if (!bucket.changed || time < bucket.end + this.#options.graceMs) continue;
      bucket.rev += 1;
      bucket.changed = false;
      const tail = [...bucket.tail.values()].sort((a, b) => a.start - b.start);
      closed.push(
        foldBars(bucket.settled === null ? tail : [bucket.settled, ...tail], this.#tf, bucket.start, bucket.rev),
      );
    }
    return closed;
  }

  /** Lets go of what can change no more once the watermark is `time`. */
  prune(time: number): void {
    const { graceMs, correctionWindowMs } = this.#options;
    this.#buckets = this.#buckets.filter(
      (b) => b.changed || b.tail.size > 0 || time < b.end + graceMs + correctionWindowMs,
    );
  }

  /** The watermark at which `close` or `prune` has work again. */
  nextDue(): number {
    const { graceMs, correctionWindowMs } = this.#options;
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...this.#buckets.map((b) => b.end + graceMs + (b.rev === -1 || b.changed ? 0 : correctionWindowMs)),
    );
  }

  snapshot(): CompositeState[] {
    return this.#buckets.map((b) => ({ ...b, tail: [...b.tail.values()] }));
  }

  restore(states: readonly CompositeState[]): void {
    this.#buckets = states.map((s) => ({ ...s, tail: new Map(s.tail.map((b) => [b.start, b])) }));
  }
}
