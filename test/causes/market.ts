import { createHash } from 'node:crypto';
import type { Chance } from './chance.ts';

export const MINUTE = 60_000;

/** A trade: time in epoch milliseconds, prices and volumes in whole steps, so that every sum is exact. */
export interface Tick {
  readonly ts: number;
  readonly price: number;
  readonly volume: number;
}

/** What a symbol trades in: decimals of its prices and volumes. */
export interface Scale {
  readonly price: number;
  readonly volume: number;
}

/** A bar as a path writes it. Numbers as they are printed. */
export interface Bar {
  readonly start: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly n: number;
  readonly digest: string;
  readonly partial?: boolean;
  readonly rev?: number;
}

export interface Instrument {
  readonly symbol: string;
  readonly scale: Scale;
  /** In steps. */
  readonly price: number;
  /** Most steps from one tick to the next. */
  readonly move: number;
}

/** Of various kinds: FX with pips, a metal, coins, an index. */
export const instruments: readonly Instrument[] = [
  { symbol: 'EURUSD', scale: { price: 5, volume: 0 }, price: 110_000, move: 25 },
  { symbol: 'USDJPY', scale: { price: 3, volume: 0 }, price: 151_000, move: 25 },
  { symbol: 'XAUUSD', scale: { price: 2, volume: 0 }, price: 265_000, move: 60 },
  { symbol: 'BTC-USD', scale: { price: 2, volume: 4 }, price: 9_700_000, move: 900 },
  { symbol: 'SOL-USD', scale: { price: 2, volume: 2 }, price: 14_000, move: 20 },
  { symbol: 'TINYCOIN', scale: { price: 8, volume: 0 }, price: 14_100, move: 40 },
  { symbol: 'DAX', scale: { price: 1, volume: 0 }, price: 190_000, move: 30 },
];

/** Ticks of `minutes` minutes from `from` on. `gaps`: the share of minutes without any. */
export function ticksOf(
  { price: first, move }: Instrument,
  from: number,
  minutes: number,
  gaps: number,
  chance: Chance,
): Tick[] {
  const ticks: Tick[] = [];
  let price = first;
  for (let minute = 0; minute < minutes; minute += 1) {
    if (minute > 0 && chance.next() < gaps) continue;
    const count = chance.whole(6, 14);
    const times = Array.from({ length: count }, () => chance.whole(0, MINUTE - 1)).sort((a, b) => a - b);
    for (const time of times) {
      price = Math.max(1, price + chance.whole(-move, move));
      ticks.push({ ts: from + minute * MINUTE + time, price, volume: chance.whole(2, 60) });
    }
  }
  return ticks;
}

export const minuteOf = (ts: number): number => ts - (ts % MINUTE);

/** A number of steps as it is printed. */
export function printed(steps: number, decimals: number): string {
  const digits = String(Math.abs(Math.round(steps))).padStart(decimals + 1, '0');
  const [whole, part] = [
    digits.slice(0, digits.length - decimals),
    digits.slice(digits.length - decimals).replace(/0+$/, ''),
  ];
  return `${steps < 0 ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`;
}

/** Bars of ticks, in the order given: of one time, the first one opens and the last one closes. */
export function barsOf(ticks: readonly Tick[], scale: Scale): Bar[] {
  return [...Map.groupBy(ticks, ({ ts }) => minuteOf(ts))].map(([start, own]) => {
    const prices = own.map(({ price }) => price);
    const text = (price: number): string => printed(price, scale.price);
    return {
      start,
      open: text(prices[0]!),
      high: text(Math.max(...prices)),
      low: text(Math.min(...prices)),
      close: text(prices.at(-1)!),
      volume: printed(
        own.reduce((sum, { volume }) => sum + volume, 0),
        scale.volume,
      ),
      n: own.length,
      digest: digestOf(own),
    };
  });
}

/** Equal for equal sets of ticks. */
const digestOf = (ticks: readonly Tick[]): string =>
  createHash('sha256')
    .update(
      ticks
        .map(({ ts, price, volume }) => `${ts} ${price} ${volume}`)
        .sort()
        .join('\n'),
    )
    .digest('hex')
    .slice(0, 16);
