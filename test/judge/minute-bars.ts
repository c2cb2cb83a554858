const MINUTE_MS = 60_000;
/** Volumes are summed as whole numbers of 1e-12. */
const DIGITS = 12;

/** A bar as the judge computes it. */
export interface MinuteBar {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In units of 1e-12. */
  readonly volume: bigint;
  readonly n: number;
}

export const minuteOf = (ts: number): number => ts - (ts % MINUTE_MS);

/** Decimal text in units of 1e-12. */
export function volumeUnits(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.slice(0, DIGITS).padEnd(DIGITS, '0'));
}

/** The bars of one symbol's payloads, in the order of the tape: open and close by event time, ties by order. */
export function minutesOf(payloads: readonly string[]): Map<number, MinuteBar> {
  const minutes = new Map<
    number,
    { -readonly [K in keyof MinuteBar]: MinuteBar[K] } & { openTs: number; closeTs: number }
  >();
  for (const payload of payloads) {
    const tick = tickIn(payload);
    if (tick === null) continue;
    const { ts, price, volume } = tick;
    const start = minuteOf(ts);
    const bar = minutes.get(start);
    if (bar === undefined) {
      minutes.set(start, {
        start,
        open: price,
        high: price,
        low: price,
        close: price,
        volume,
        n: 1,
        openTs: ts,
        closeTs: ts,
      });
      continue;
    }
    if (ts < bar.openTs) [bar.openTs, bar.open] = [ts, price];
    if (ts >= bar.closeTs) [bar.closeTs, bar.close] = [ts, price];
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
    bar.volume += volume;
    bar.n += 1;
  }
  return minutes;
}

/** The judge's own reading of the ticks that it makes; null where the bytes are none of them. */
function tickIn(payload: string): { ts: number; price: number; volume: bigint } | null {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(payload) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { ts } = fields;
  const at = typeof ts === 'string' ? Date.parse(ts) : Number(ts) < 1e11 ? Math.round(Number(ts) * 1000) : Number(ts);
  const price = Number(fields.price ?? fields.last ?? (Number(fields.bid) + Number(fields.ask)) / 2);
  const volume = /"(?:volume|size|vol)":([0-9.]+)/.exec(payload)?.[1] ?? '0';
  return { ts: at, price, volume: volumeUnits(volume) };
}
