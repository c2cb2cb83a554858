import type { Bar } from '../../domain/bar/bar.ts';
import { BarBuilder, type BuilderState } from '../../domain/bar/bar-builder.ts';
import type { BarOptions } from '../../domain/bar/bar-options.ts';
import { MINUTE, minuteOf } from '../../domain/base/timeframe.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { TickFault } from '../../domain/errors/tick.ts';
import type { RejectedTick } from '../../domain/tape/rejected.ts';
import { MAX_TICK_BYTES, tickFields } from '../../domain/tick/tick.ts';
import { TickScanner } from '../../domain/tick/tick-scanner.ts';

/** How bars are built and which ticks are taken. */
export interface BuildOptions {
  readonly bars: BarOptions;
  /** Symbols that may trade at or below zero. */
  readonly nonPositive: (symbol: string) => boolean;
}

/** What became of the ticks that were taken in: `taken` = `counted` + `rejected`. */
export interface TickCounts {
  taken: number;
  counted: number;
  rejected: number;
  crossed: number;
  locked: number;
}

/** One symbol's way from payloads to bars, with what was refused on it. */
export class SymbolBars {
  readonly symbol: string;
  readonly builder: BarBuilder;
  readonly counts: TickCounts = { taken: 0, counted: 0, rejected: 0, crossed: 0, locked: 0 };
  /** Bars that were built and are not written yet. */
  bars: Bar[] = [];
  /** Ticks that were refused and are not written yet. */
  rejects: RejectedTick[] = [];
  /** Epoch milliseconds at which the last batch was taken; set by the service. */
  lastTakenAt = 0;
  #lastReceivedAt = 0;
  readonly #scanner: TickScanner;
  readonly #options: BuildOptions;
  readonly #fields = tickFields();

  /** `partition`: where the ticks come from in the record log; null on pub/sub. */
  constructor(symbol: string, options: BuildOptions, partition: number | null, state: BuilderState | null) {
    this.symbol = symbol;
    this.#options = options;
    this.#scanner = new TickScanner(symbol, { allowNonPositive: options.nonPositive(symbol) });
    this.builder = new BarBuilder(symbol, options.bars, partition);
    if (state === null) this.builder.joined(null);
    else this.builder.restore(state);
  }

  /** Takes a payload. `place` is its offset or sequence number, `source` says where it came from should it be refused. */
  take(payload: Buffer, place: number, receivedAt: number, source: () => string): void {
    const fields = this.#fields;
    this.counts.taken += 1;
    this.#lastReceivedAt = receivedAt;
    const rejection = this.#scanner.read(payload, receivedAt, fields);
    if (rejection !== null) {
      this.#reject(rejection.fault, rejection.evidence, payload, source(), null);
      return;
    }
    if (!this.builder.add(fields, place, receivedAt)) {
      const { graceMs, correctionWindowMs } = this.#options.bars;
      const lateness = this.builder.watermark - minuteOf(fields.ts) - MINUTE;
      this.#reject(
        'tick.late',
        { ts: new Date(fields.ts).toISOString(), lateness, allowed: graceMs + correctionWindowMs },
        payload,
        source(),
        fields.ts,
      );
      return;
    }
    this.counts.counted += 1;
    if (fields.crossed) this.counts.crossed += 1;
    if (fields.locked) this.counts.locked += 1;
    if (this.builder.hasOutput) this.bars.push(...this.builder.take());
  }

  /** Goes on from a checkpoint at `now`, whose last tick was received at `receivedAt`; both in epoch milliseconds. */
  resumed(now: number, receivedAt: number): void {
    this.lastTakenAt = now;
    this.#lastReceivedAt = receivedAt;
  }

  /** Whether `idle` would give anything. */
  overdue(now: number): boolean {
    return this.builder.overdue(now, this.lastTakenAt);
  }

  /** Closes by the clock what no tick closes. `now` in epoch milliseconds; whether that gave any bar. */
  idle(now: number): boolean {
    this.builder.idle(now, this.lastTakenAt, this.#lastReceivedAt);
    if (!this.builder.hasOutput) return false;
    this.bars.push(...this.builder.take());
    return true;
  }

  #reject(
    reason: TickFault,
    evidence: Record<string, unknown>,
    payload: Buffer,
    source: string,
    ts: number | null,
  ): void {
    this.counts.rejected += 1;
    const { message } = new PulseError(reason, evidence);
    // As the mirror does: what no topic takes is kept in part.
    const kept = payload.subarray(0, MAX_TICK_BYTES);
    this.rejects.push({ reason, message, source, service: 'bars', symbol: this.symbol, ts, payload: kept });
  }
}
