import { decimalText, parseDecimal } from '../base/decimal.ts';

/** Digits of a price that count. What a double holds beyond them nobody quotes: a middle of two prices may be 1.0641349999999998. */
const DIGITS = 12;
/** Of a level where nobody knows the increment. */
const LEVEL_DIGITS = 7;

/** The number that a price is, without the digits that only a double has: for JSON. */
export const quotedPrice = (price: number): number => Number(price.toPrecision(DIGITS));

/**
 * A price for people: with the decimals of its instrument, whose smallest step is `increment` (decimal text; null: nobody knows it), and
 * more only where the price has them, as the middle of two quotes does. Never with an exponent.
 */
export function priceText(price: number, increment: string | null): string {
  const text = plain(quotedPrice(price));
  const missing = decimalsOf(increment) - decimalsOf(text);
  return missing <= 0 ? text : `${text}${text.includes('.') ? '' : '.'}${'0'.repeat(missing)}`;
}

/** A level that was computed from prices, as an average is: rounded to a decimal more than its instrument's prices have. */
export const levelText = (level: number, increment: string | null): string =>
  increment === null
    ? plain(Number(level.toPrecision(LEVEL_DIGITS)))
    : level.toFixed(Math.min(decimalsOf(increment) + 1, 100));

/** Without the exponent in which a double may be written. */
function plain(value: number): string {
  const exact = parseDecimal(String(value));
  return exact === null ? String(value) : decimalText(exact);
}

const decimalsOf = (text: string | null): number => text?.split('.')[1]?.length ?? 0;
