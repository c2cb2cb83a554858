/** Bar lengths that Pulse builds; every one but 1m is composed from 1m bars. */
export const timeframes = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;
export type Timeframe = (typeof timeframes)[number];

export const MINUTE = 60_000;

/** Length in milliseconds; a day of a zone with daylight saving time may be an hour longer or shorter. */
export const timeframeMs: Readonly<Record<Timeframe, number>> = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '4h': 240 * MINUTE,
  '1d': 1440 * MINUTE,
};

/** Start of the minute that holds `ts`. Both in epoch milliseconds, UTC; minutes are closed-open: [start, start + 60_000). */
export const minuteOf = (ts: number): number => Math.floor(ts / MINUTE) * MINUTE;
