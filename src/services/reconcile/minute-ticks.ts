import { decimalText } from '../../domain/base/decimal.ts';
import { minuteOf } from '../../domain/base/timeframe.ts';
import type { TapedTick } from '../../domain/parity/parity-tape.ts';
import { type TickFields, tickFields } from '../../domain/tick/tick.ts';
import { TickScanner } from '../../domain/tick/tick-scanner.ts';

/** Sorts the payloads of a stretch of tape into the minutes that are asked for. */
export class MinuteTicks {
  readonly found: Map<number, TapedTick[]>;
  readonly #scanner: TickScanner;
  readonly #fields = tickFields();
  /** Event time of the earliest tick taken. */
  #earliest = Number.POSITIVE_INFINITY;

  constructor(symbol: string, minutes: readonly number[], allowNonPositive: boolean) {
    this.found = new Map(minutes.map((minute) => [minute, []]));
    this.#scanner = new TickScanner(symbol, { allowNonPositive });
  }

  /** `receivedAt` in epoch milliseconds. Payloads that are no ticks are in no bar. */
  take(payload: Buffer, receivedAt: number, place: () => string): void {
    const fields = this.#fields;
    if (this.#scanner.read(payload, receivedAt, fields) !== null) return;
    const { ts, price } = fields;
    if (ts < this.#earliest) this.#earliest = ts;
    const minute = this.found.get(minuteOf(ts));
    minute?.push({ ts, price, volume: volumeOf(fields), place: place() });
  }

  /** Forgets minutes that may have begun before the tape does. */
  withoutCutOff(tapeIsWhole: boolean): Map<number, TapedTick[]> {
    if (!tapeIsWhole) for (const minute of this.found.keys()) if (minute <= this.#earliest) this.found.delete(minute);
    return this.found;
  }
}

const volumeOf = ({ volumeText, volumeUnits, volumeScale }: TickFields): string =>
  volumeText ?? decimalText({ units: BigInt(volumeUnits), scale: volumeScale });
