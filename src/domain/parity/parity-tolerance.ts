import { type Decimal, decimalText, exceeds, parseDecimal, subtract } from '../base/decimal.ts';
import { priceText, quotedPrice } from '../instrument/price-text.ts';
import type { SideBar } from './parity-bar.ts';

/** How far apart two bars may be and still agree. */
export interface Tolerance {
  /** Size of one price tick. */
  readonly pipSize: number;
  /** Price difference that still counts as equal, in ticks of `pipSize`. */
  readonly priceTicks: number;
  /** The same in percent of the larger price, beyond that; absent: none. */
  readonly pricePercent?: number;
  /** Volume difference that still counts as equal, as decimal text. */
  readonly volume: string;
  /** The same in percent of the larger volume, beyond that; absent: none. */
  readonly volumePercent?: number;
  /** Whether the increments that these come from are what the tape shows, since nobody said them. */
  readonly priceDerived?: boolean;
  readonly volumeDerived?: boolean;
}

/** Whether all that agrees within `a` agrees within `b` too. What is derived from a tape is what it shows by then: one increment is as strict as another. */
export const isAsStrict = (a: Tolerance, b: Tolerance): boolean =>
  (isBothDerived(a.priceDerived, b.priceDerived) ||
    (a.priceTicks * a.pipSize <= b.priceTicks * b.pipSize && (a.pricePercent ?? 0) <= (b.pricePercent ?? 0))) &&
  (isBothDerived(a.volumeDerived, b.volumeDerived) ||
    (!exceeds(exact(a.volume), exact(b.volume)) && (a.volumePercent ?? 0) <= (b.volumePercent ?? 0)));

const isBothDerived = (a = false, b = false): boolean => a && b;

/** A field on which two bars differ, however little. */
export interface FieldDifference {
  readonly field: 'open' | 'high' | 'low' | 'close' | 'volume';
  /** Prices are numbers, volumes decimal text. */
  readonly incumbent: number | string;
  readonly candidate: number | string;
  /** Candidate minus incumbent: of prices in ticks, of volumes as exact decimal text. */
  readonly off: number | string;
  readonly within: boolean;
}

/** How far apart two prices may be, of which the larger one is this. */
export const priceAllowed = ({ pipSize, priceTicks, pricePercent = 0 }: Tolerance, price: number): number =>
  Math.max(priceTicks * pipSize, (price * pricePercent) / 100);

/** Both parts as text: `0.0001`, or `0.01 %`. */
export function toleranceParts(tolerance: Tolerance): { readonly price: string; readonly volume: string } {
  const { pipSize, priceTicks, pricePercent, volume, volumePercent } = tolerance;
  return {
    price: pricePercent === undefined ? priceText(priceTicks * pipSize, null) : `${pricePercent} %`,
    volume: volumePercent === undefined ? volume : `${volumePercent} %`,
  };
}

const PRICES = ['open', 'high', 'low', 'close'] as const;

/** Candidate minus incumbent in ticks, to the millionth of one. */
const ticksApart = (incumbent: number, candidate: number, pipSize: number): number =>
  Math.round(((candidate - incumbent) / pipSize) * 1e6) / 1e6;

/**
 * Whether two prices are at most `ticks` × `pipSize` apart. Prices are doubles, and middles of two of them: 1.10005 and 1.10015 are
 * one tick of 0.0001 apart, though their difference as doubles is a little more. So a few units of the last place are let go.
 */
function pricesAgree(a: number, b: number, tolerance: Tolerance): boolean {
  const larger = Math.max(Math.abs(a), Math.abs(b));
  const allowed = priceAllowed(tolerance, larger);
  const slack = 4 * Number.EPSILON * Math.max(larger, allowed);
  return Math.abs(a - b) <= allowed + slack;
}

/** The fields on which two bars differ, in the order open, high, low, close, volume. */
export function differences(incumbent: SideBar, candidate: SideBar, tolerance: Tolerance): FieldDifference[] {
  const found: FieldDifference[] = [];
  for (const field of PRICES) {
    if (incumbent[field] === candidate[field]) continue;
    // A middle of two quotes may differ in its last digits by the way in which it was computed: both are the same price.
    const [a, b] = [quotedPrice(incumbent[field]), quotedPrice(candidate[field])];
    if (a === b) continue;
    const off = ticksApart(a, b, tolerance.pipSize);
    found.push({ field, incumbent: a, candidate: b, off, within: pricesAgree(a, b, tolerance) });
  }
  const volume = volumeDifference(incumbent.volume, candidate.volume, tolerance);
  return volume === null ? found : [...found, volume];
}

function volumeDifference(incumbent: string, candidate: string, tolerance: Tolerance): FieldDifference | null {
  const apart = subtract(exact(candidate), exact(incumbent));
  if (apart.units === 0n) return null;
  return {
    field: 'volume',
    incumbent,
    candidate,
    off: decimalText(apart),
    within: !exceeds(apart, exact(tolerance.volume)) || isWithinShare(apart, [incumbent, candidate], tolerance),
  };
}

/** Volumes have no sign: the larger one is that of more units. */
function isWithinShare(apart: Decimal, volumes: readonly string[], { volumePercent = 0 }: Tolerance): boolean {
  const larger = Math.max(...volumes.map(Number));
  return volumePercent > 0 && Math.abs(Number(decimalText(apart))) <= (larger * volumePercent) / 100;
}

function exact(text: string) {
  const value = parseDecimal(text);
  if (value === null) throw new RangeError(`not a decimal: ${text}`);
  return value;
}
