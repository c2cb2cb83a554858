import { decimalText, parseDecimal } from '../base/decimal.ts';
import { type Timeframe, timeframeMs } from '../base/timeframe.ts';
import { PulseError } from '../errors/errors.ts';
import { type Bar, bar, type SourceRange } from './bar.ts';
import type { BarOptions } from './bar-options.ts';
import { bucketOf } from './bucket.ts';

/** What bars are stamped with, and where the longer ones begin and end. */
export type Stamping = Pick<BarOptions, 'timestampOn' | 'timeZoneOrigin'>;

const ON_OPEN: Stamping = { timestampOn: 'open', timeZoneOrigin: { timeZone: 'UTC', hour: 0 } };

/** The end of a bar in epoch milliseconds: on a day on which clocks change it is not a fixed length after the start. */
const endOf = ({ tf, start }: Bar, { timeZoneOrigin }: Stamping): number => bucketOf(tf, start, timeZoneOrigin).end;

/**
 * The wire form of a bar (DESIGN section 2): one line of JSON. `v` is written with all its digits. One that is stamped on its close says
 * when it starts too: a reader need not know the time zone of its days.
 */
export function encodeBar(b: Bar, stamping: Stamping = ON_OPEN): string {
  const isOnOpen = stamping.timestampOn === 'open';
  const ts = (isOnOpen ? b.start : endOf(b, stamping)) / 1000;
  const on = isOnOpen ? '' : `,"ts_on":"close","start":${b.start / 1000}`;
  const source = b.source === undefined ? '' : `,"src":${JSON.stringify(b.source)}`;
  return `{"symbol":${JSON.stringify(b.symbol)},"tf":"${b.tf}","ts":${ts}${on},"o":${b.open},"h":${b.high},"l":${b.low},"c":${b.close},"v":${b.volume},"n":${b.n},"rev":${b.rev},"digest":"${b.digest}","partial":${b.partial}${source}}`;
}

/** Reads a bar's wire form. Rejects with `bar.not-json`, `bar.field` or `bar.range`. Unknown fields are let be. */
export function parseBar(bytes: Buffer | string): Bar {
  const text = bytes.toString();
  let volume: string | undefined;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text, (key, value, context?: { source?: string }) => {
      if (key === 'v' && typeof value === 'number') volume = context?.source;
      return value;
    });
  } catch (cause) {
    throw new PulseError('bar.not-json', { value: text.slice(0, 200) }, { cause });
  }
  if (fields === null || typeof fields !== 'object')
    throw new PulseError('bar.not-json', { value: text.slice(0, 200) });
  volume ??= typeof fields.v === 'string' ? fields.v : undefined;
  return barOf(fields, volume);
}

function barOf(fields: Record<string, unknown>, volume: string | undefined): Bar {
  const exact = parseDecimal(volume ?? '');
  if (exact === null) throw new PulseError('bar.field', { field: 'v', value: fields.v, allowed: 'a decimal ≥ 0' });
  const tf = fields.tf as Timeframe;
  // Number() would make 0 of null, and a moment of true.
  const ts = typeof fields.ts === 'number' ? fields.ts * 1000 : Number.NaN;
  // What was written before bars told their start: no day of a change of clocks is known of it.
  const told = typeof fields.start === 'number' ? fields.start * 1000 : ts - timeframeMs[tf];
  return bar({
    symbol: typeof fields.symbol === 'string' ? fields.symbol : '',
    tf,
    start: fields.ts_on === 'close' ? told : ts,
    open: fields.o as number,
    high: fields.h as number,
    low: fields.l as number,
    close: fields.c as number,
    volume: decimalText(exact),
    n: fields.n as number,
    rev: fields.rev as number,
    digest: fields.digest as string,
    partial: fields.partial === true,
    ...(isSource(fields.src) && { source: fields.src }),
  });
}

const isSource = (src: unknown): src is SourceRange =>
  typeof src === 'object' &&
  src !== null &&
  ['partition', 'from', 'to'].every((key) => Number.isSafeInteger((src as Record<string, unknown>)[key]));

/** The fields of an entry on `stream:bar:<tf>:<SYMBOL>`. `ts` is in epoch seconds. */
export function barFields(b: Bar, stamping: Stamping = ON_OPEN): Record<string, string> {
  const isOnOpen = stamping.timestampOn === 'open';
  return {
    ts: String((isOnOpen ? b.start : endOf(b, stamping)) / 1000),
    open: String(b.open),
    high: String(b.high),
    low: String(b.low),
    close: String(b.close),
    volume: b.volume,
    n: String(b.n),
    rev: String(b.rev),
    digest: b.digest,
    partial: String(b.partial),
    ...(!isOnOpen && { ts_on: 'close', start: String(b.start / 1000) }),
  };
}
