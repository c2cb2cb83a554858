import { DecimalSum } from '../base/decimal.ts';
import { MINUTE } from '../base/timeframe.ts';
import type { TickFields } from '../tick/tick.ts';
import { TickDigest } from '../tick/tick-digest.ts';
import { type Bar, bar } from './bar.ts';

/** A minute under construction, as plain values that JSON keeps exactly. */
export interface MinuteState {
  readonly start: number;
  readonly openTs: number;
  readonly closeTs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: string;
  readonly n: number;
  readonly digest: string;
  readonly partial: boolean;
  /** Of the last version that was given out; -1 before the first. */
  readonly rev: number;
  /** Watermark at which a given-out minute changed again; null while it has not. */
  readonly changedAt: number | null;
  readonly from: number;
  readonly to: number;
}

/** A minute under construction. Open and close are the first and last by time, ties in order of arrival. */
export class Minute {
  readonly start: number;
  readonly end: number;
  openTs = Number.POSITIVE_INFINITY;
  closeTs = Number.NEGATIVE_INFINITY;
  open = Number.NaN;
  high = Number.NEGATIVE_INFINITY;
  low = Number.POSITIVE_INFINITY;
  close = Number.NaN;
  n = 0;
  partial = false;
  rev = -1;
  changedAt: number | null = null;
  from = -1;
  to = -1;
  readonly #volume = new DecimalSum();
  readonly #digest = new TickDigest();

  constructor(start: number) {
    this.start = start;
    this.end = start + MINUTE;
  }

  add(tick: TickFields, place: number): void {
    const { ts, price } = tick;
    if (this.n === 0) {
      // An empty minute may stand at a carried close, which is no price of its own.
      this.high = Number.NEGATIVE_INFINITY;
      this.low = Number.POSITIVE_INFINITY;
      this.from = place;
    }
    if (ts < this.openTs) {
      this.openTs = ts;
      this.open = price;
    }
    if (ts >= this.closeTs) {
      this.closeTs = ts;
      this.close = price;
    }
    if (price > this.high) this.high = price;
    if (price < this.low) this.low = price;
    if (tick.volumeText === null) {
      if (tick.volumeUnits !== 0) this.#volume.add(tick.volumeUnits, tick.volumeScale);
      this.#digest.add(ts, price, tick.volumeUnits, tick.volumeScale);
    } else {
      this.#volume.addText(tick.volumeText);
      this.#digest.add(ts, price, Number(tick.volumeText), -1);
    }
    this.to = place;
    this.n += 1;
  }

  /** Makes a minute without ticks stand at `price`. Whether that changed it. */
  carry(price: number): boolean {
    if (this.close === price) return false;
    this.open = this.high = this.low = this.close = price;
    return true;
  }

  /** Whether there is something to give out that has not been. */
  get changed(): boolean {
    return this.rev === -1 || this.changedAt !== null;
  }

  bar(symbol: string, partition: number | null): Bar {
    return bar({
      symbol,
      tf: '1m',
      start: this.start,
      open: this.open,
      high: this.high,
      low: this.low,
      close: this.close,
      volume: this.#volume.toString(),
      n: this.n,
      rev: this.rev,
      digest: this.#digest.toString(),
      partial: this.partial,
      ...(partition !== null && this.from !== -1 && { source: { partition, from: this.from, to: this.to } }),
    });
  }

  state(): MinuteState {
    const { start, openTs, closeTs, open, high, low, close, n, partial, rev, changedAt, from, to } = this;
    return {
      start,
      openTs,
      closeTs,
      open,
      high,
      low,
      close,
      volume: this.#volume.toString(),
      n,
      digest: this.#digest.toString(),
      partial,
      rev,
      changedAt,
      from,
      to,
    };
  }

  static from(state: MinuteState): Minute {
    const minute = new Minute(state.start);
    const { openTs, closeTs, open, high, low, close, n, partial, rev, changedAt, from, to } = state;
    Object.assign(minute, { n, partial, rev, changedAt, from, to });
    // JSON has no infinities: a minute without ticks keeps those it was made with.
    if (n > 0) Object.assign(minute, { openTs, closeTs, open, high, low, close });
    else if (close !== null) minute.carry(close);
    minute.#volume.addText(state.volume);
    minute.#digest.addDigest(state.digest);
    return minute;
  }
}
