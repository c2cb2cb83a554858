/** Decimal text: optional sign, digits, optional fraction, optional exponent. */
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Longer text than any sum of doubles needs is none: a publisher could make one figure fill a record, and a processor. */
const MAX_LENGTH = 2_000;

/** An exact decimal: `units` × 10^-`scale`, with `scale` ≥ 0. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Parses decimal text exactly; null where it is not a decimal of at most 2,000 characters. Trailing zeros of the fraction do not count: `1.50` is `1.5`. */
export function parseDecimal(text: string): Decimal | null {
  const match = text.length <= MAX_LENGTH ? DECIMAL.exec(text) : null;
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = fraction.replace(/0+$/, '');
  let scale = digits.length - Number(exponent);
  let units = BigInt(whole + digits);
  if (scale < 0) {
    units *= 10n ** BigInt(-scale);
    scale = 0;
  }
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  return { units: sign === '-' ? -units : units, scale };
}

/** Canonical text: no exponent, no trailing zeros in the fraction, `0` for zero. */
export function decimalText({ units, scale }: Decimal): string {
  if (scale === 0) return units.toString();
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return sign + digits.slice(0, -scale) + (fraction === '' ? '' : `.${fraction}`);
}

/** a − b, exactly. */
export function subtract(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: atScale(a, scale) - atScale(b, scale), scale };
}

/** |a| > |b|, exactly. */
export function exceeds(a: Decimal, b: Decimal): boolean {
  const scale = Math.max(a.scale, b.scale);
  const size = (d: Decimal): bigint => {
    const units = atScale(d, scale);
    return units < 0n ? -units : units;
  };
  return size(a) > size(b);
}

const atScale = (d: Decimal, scale: number): bigint => d.units * 10n ** BigInt(scale - d.scale);

const POWERS = Array.from({ length: 16 }, (_, i) => 10 ** i);

/**
 * An exact sum of decimals. The common case, units that stay below 2^53 at one scale, costs one addition;
 * the rest goes through BigInt.
 */
export class DecimalSum {
  #units = 0;
  #scale = 0;
  #rest: Decimal = { units: 0n, scale: 0 };

  /** Adds `units` × 10^-`scale`; `units` a safe integer. */
  add(units: number, scale: number): void {
    if (scale !== this.#scale) {
      this.#addAtOtherScale(units, scale);
      return;
    }
    const sum = this.#units + units;
    if (Number.isSafeInteger(sum)) this.#units = sum;
    else this.#addBig({ units: BigInt(units), scale });
  }

  /** Adds decimal text that is known to be one. */
  addText(text: string): void {
    const value = parseDecimal(text);
    if (value === null) throw new RangeError(`not a decimal: ${text}`);
    this.#addBig(value);
  }

  toString(): string {
    const scale = Math.max(this.#scale, this.#rest.scale);
    return decimalText({
      units: atScale({ units: BigInt(this.#units), scale: this.#scale }, scale) + atScale(this.#rest, scale),
      scale,
    });
  }

  #addAtOtherScale(units: number, scale: number): void {
    if (scale < this.#scale) {
      const scaled = units * (POWERS[this.#scale - scale] ?? Number.NaN);
      const sum = this.#units + scaled;
      if (Number.isSafeInteger(scaled) && Number.isSafeInteger(sum)) this.#units = sum;
      else this.#addBig({ units: BigInt(units), scale });
      return;
    }
    const scaled = this.#units * (POWERS[scale - this.#scale] ?? Number.NaN);
    const sum = scaled + units;
    if (Number.isSafeInteger(scaled) && Number.isSafeInteger(sum)) {
      this.#units = sum;
      this.#scale = scale;
    } else this.#addBig({ units: BigInt(units), scale });
  }

  #addBig(value: Decimal): void {
    const scale = Math.max(value.scale, this.#rest.scale);
    this.#rest = { units: atScale(value, scale) + atScale(this.#rest, scale), scale };
  }
}
