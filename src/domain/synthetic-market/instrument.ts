import { PulseError } from '../errors/errors.ts';

/** What makes one symbol's market. */
export interface Instrument {
  readonly symbol: string;
  /** FX gives quotes and closes at the weekend; crypto gives trades and never closes. */
  readonly kind: 'fx' | 'crypto';
  /** Price around which it wanders over the years. */
  readonly level: number;
  /** Decimals of a price; one step of the last is the tick size. */
  readonly decimals: number;
  /** Usual move over a day, as a share of the price. */
  readonly dailyVolatility: number;
  /** Ticks a second while London and New York are both open. */
  readonly busyRate: number;
  /** Least distance of bid and ask, in tick sizes. */
  readonly spread: number;
  /** How busy each city's day is, relative to the others. */
  readonly activity: {
    readonly tokyo: number;
    readonly london: number;
    readonly newYork: number;
    readonly floor: number;
  };
  /** Median size of a trade and its decimals; crypto only. */
  readonly size?: { readonly median: number; readonly decimals: number };
}

const instruments: readonly Instrument[] = [
  {
    symbol: 'EURUSD',
    kind: 'fx',
    level: 1.11,
    decimals: 5,
    dailyVolatility: 0.0047,
    busyRate: 3,
    spread: 3,
    activity: { tokyo: 0.22, london: 0.75, newYork: 0.55, floor: 0.04 },
  },
  {
    symbol: 'GBPUSD',
    kind: 'fx',
    level: 1.29,
    decimals: 5,
    dailyVolatility: 0.0056,
    busyRate: 2.4,
    spread: 6,
    activity: { tokyo: 0.16, london: 0.8, newYork: 0.5, floor: 0.03 },
  },
  {
    symbol: 'USDJPY',
    kind: 'fx',
    level: 134,
    decimals: 3,
    dailyVolatility: 0.0055,
    busyRate: 2.4,
    spread: 4,
    activity: { tokyo: 0.65, london: 0.5, newYork: 0.55, floor: 0.04 },
  },
  {
    symbol: 'BTCUSDT',
    kind: 'crypto',
    level: 61_000,
    decimals: 2,
    dailyVolatility: 0.027,
    busyRate: 4.5,
    spread: 1,
    activity: { tokyo: 0.3, london: 0.35, newYork: 0.55, floor: 0.3 },
    size: { median: 0.006, decimals: 5 },
  },
  {
    symbol: 'ETHUSDT',
    kind: 'crypto',
    level: 2_700,
    decimals: 2,
    dailyVolatility: 0.034,
    busyRate: 3.4,
    spread: 1,
    activity: { tokyo: 0.3, london: 0.35, newYork: 0.5, floor: 0.28 },
    size: { median: 0.09, decimals: 4 },
  },
];

/** Symbols that the synthetic market has. */
export const syntheticSymbols: readonly string[] = instruments.map(({ symbol }) => symbol);

/** The instrument of a symbol. Rejects with `feed.symbol.unknown`. */
export function instrumentOf(symbol: string): Instrument {
  const found = instruments.find((instrument) => instrument.symbol === symbol);
  if (found === undefined)
    throw new PulseError('feed.symbol.unknown', { value: symbol, allowed: syntheticSymbols.join(', ') });
  return found;
}
