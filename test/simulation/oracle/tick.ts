/** What a bar needs of a tick. */
export interface ReadTick {
  /** Epoch milliseconds. */
  readonly ts: number;
  readonly price: number;
  /** In millionths. */
  readonly volume: bigint;
}

/** Reads a payload as the contract of ticks says; null where it is no usable tick. Knows only the forms that the simulation publishes. */
export function readTick(payload: string): ReadTick | null {
  const tick = readPriced(payload);
  return tick === null || tick.price <= 0 ? null : tick;
}

/** The event time of a payload with a price of any sign (epoch milliseconds): a tick that cannot be used has its place in time all the same. */
export const eventTime = (payload: string): number | null => readPriced(payload)?.ts ?? null;

function readPriced(payload: string): ReadTick | null {
  let fields: { ts?: number; price?: number; bid?: number; ask?: number; volume?: number };
  try {
    fields = JSON.parse(payload);
  } catch {
    return null;
  }
  const { ts, price, bid, ask, volume = 0 } = fields;
  if (typeof ts !== 'number') return null;
  const at = price ?? (bid !== undefined && ask !== undefined ? (bid + ask) / 2 : undefined);
  if (at === undefined) return null;
  return { ts: ts >= 1e11 ? ts : Math.round(ts * 1e6) / 1e3, price: at, volume: millionths(String(volume)) };
}

export function millionths(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}
