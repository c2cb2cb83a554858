import { parseDecimal } from '../base/decimal.ts';
import { MINUTE, type Timeframe, timeframes } from '../base/timeframe.ts';
import { PulseError } from '../errors/errors.ts';
import { EARLIEST_TS, LATEST_TS } from '../tick/tick.ts';

/** The stretch of a partition from which a bar was built: the offsets of its first and last tick, both included. */
export interface SourceRange {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** An OHLCV bar over [start, start + length of `tf`). */
export interface Bar {
  readonly symbol: string;
  readonly tf: Timeframe;
  /** Epoch milliseconds, UTC. */
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Exact decimal sum of the ticks' volumes, as canonical text: no exponent, no trailing zeros. */
  readonly volume: string;
  /** Ticks in the bar; 0 for a bar built without updates. */
  readonly n: number;
  /** 0 = first final, then corrections. */
  readonly rev: number;
  /** Order-independent hash of its ticks (time, price, volume): 16 hex digits. Equal sets of ticks, equal digests. */
  readonly digest: string;
  /** True when the builder did not see the whole minute. */
  readonly partial: boolean;
  /** Present on bars built from the record log. */
  readonly source?: SourceRange;
}

/** The only way to make a bar: refuses what no set of ticks could give, with `bar.field` or `bar.range`. */
export function bar(fields: Bar): Bar {
  const { symbol, tf, start, open, high, low, close, volume, n, rev, digest } = fields;
  if (symbol === '') refuse('symbol', symbol, 'a symbol');
  if (!timeframes.includes(tf)) refuse('tf', tf, `one of ${timeframes.join(' ')}`);
  // One bar of 1970 would have every session since then compared.
  if (!Number.isSafeInteger(start) || start % MINUTE !== 0 || start < EARLIEST_TS || start >= LATEST_TS)
    refuse('ts', start / 1000, 'the start of a minute between 1990 and 2100');
  for (const [field, price] of Object.entries({ o: open, h: high, l: low, c: close }))
    if (!Number.isFinite(price)) refuse(field, price, 'a finite number');
  if (!(low <= Math.min(open, close) && Math.max(open, close) <= high))
    throw new PulseError('bar.range', { open, high, low, close });
  if ((parseDecimal(volume)?.units ?? -1n) < 0n) refuse('v', volume, 'a decimal ≥ 0');
  if (!Number.isSafeInteger(n) || n < 0) refuse('n', n, 'a count');
  if (!Number.isSafeInteger(rev) || rev < 0) refuse('rev', rev, 'a count');
  if (!/^[0-9a-f]{16}$/.test(digest)) refuse('digest', digest, '16 hex digits');
  return fields;
}

function refuse(field: string, value: unknown, allowed: string): never {
  throw new PulseError('bar.field', { field, value, allowed });
}
