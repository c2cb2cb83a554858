import { parseDecimal, subtract } from '../base/decimal.ts';
import { priceText, quotedPrice } from '../instrument/price-text.ts';
import type { SideBar } from './parity-bar.ts';

/** A bar that somebody else computed from the same ticks. */
export interface ReferenceBar {
  /** Null where the reference does not say it. */
  readonly symbol: string | null;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Decimal text; null where the reference gives none. */
  readonly volume: string | null;
  /** Null where the reference gives none. */
  readonly n: number | null;
}

/** A bar of ours, as far as it is compared. */
export type OwnBar = Pick<SideBar, 'start' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'n'>;

/** Where a bar of ours is not that of the reference. */
export interface ReferenceDifference {
  readonly start: number;
  /** `missing`: we have no bar; `extra`: the reference has none; else the field. */
  readonly field: 'missing' | 'extra' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'n';
  readonly ours: string | null;
  readonly reference: string | null;
}

/** Reads a line `{"symbol","ts","o","h","l","c","v","n"}` (symbol, v and n may be left out): `ts` in epoch seconds, `v` a number or decimal text. Null where it is no such bar. */
export function parseReferenceBar(line: string): ReferenceBar | null {
  let volume: string | null = null;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line, (key, value, context?: { source?: string }) => {
      if (key === 'v') volume = typeof value === 'number' ? (context?.source ?? null) : value;
      return value;
    });
  } catch {
    // The caller names the line.
    return null;
  }
  if (fields === null || typeof fields !== 'object') return null;
  const { symbol, ts, o, h, l, c, n } = fields;
  if (![ts, o, h, l, c].every((value) => typeof value === 'number' && Number.isFinite(value))) return null;
  if (volume !== null && parseDecimal(volume) === null) return null;
  return {
    symbol: typeof symbol === 'string' ? symbol : null,
    start: (ts as number) * 1000,
    open: o as number,
    high: h as number,
    low: l as number,
    close: c as number,
    volume,
    n: typeof n === 'number' ? n : null,
  };
}

/** Compares settled bars with a reference: prices as they are quoted (to twelve digits; told with the decimals of `increment`), volumes as numbers, counts; in order of start. */
export function compareWithReference(
  bars: ReadonlyMap<number, OwnBar>,
  reference: readonly ReferenceBar[],
  increment: string | null = null,
): ReferenceDifference[] {
  const differences: ReferenceDifference[] = [];
  const starts = new Set<number>();
  for (const expected of reference) {
    starts.add(expected.start);
    const ours = bars.get(expected.start);
    if (ours === undefined)
      differences.push({
        start: expected.start,
        field: 'missing',
        ours: null,
        reference: priceText(expected.close, increment),
      });
    else differences.push(...fieldDifferences(ours, expected, increment));
  }
  for (const { start, close } of bars.values())
    if (!starts.has(start))
      differences.push({ start, field: 'extra', ours: priceText(close, increment), reference: null });
  return differences.sort((a, b) => a.start - b.start);
}

function fieldDifferences(ours: OwnBar, reference: ReferenceBar, increment: string | null): ReferenceDifference[] {
  const { start } = ours;
  const found: ReferenceDifference[] = [];
  for (const field of ['open', 'high', 'low', 'close'] as const)
    if (quotedPrice(ours[field]) !== quotedPrice(reference[field]))
      found.push({
        start,
        field,
        ours: priceText(ours[field], increment),
        reference: priceText(reference[field], increment),
      });
  if (reference.volume !== null && subtract(parseDecimal(ours.volume)!, parseDecimal(reference.volume)!).units !== 0n)
    found.push({ start, field: 'volume', ours: ours.volume, reference: reference.volume });
  if (reference.n !== null && ours.n !== reference.n)
    found.push({ start, field: 'n', ours: String(ours.n), reference: String(reference.n) });
  return found;
}
