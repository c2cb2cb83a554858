import type { PriceBar } from '../detector.ts';

/** What a trading range is taken for, until it is left. */
export type Side = 'accumulation' | 'distribution';

const CODES = {
  accumulation: {
    preliminary: 'PS',
    climax: 'SC',
    reaction: 'AR',
    test: 'ST',
    early: 'ST',
    false: 'SPRING',
    retest: 'TEST',
    sign: 'SOS',
    last: 'LPS',
  },
  distribution: {
    preliminary: 'PSY',
    climax: 'BC',
    reaction: 'AR',
    test: 'ST',
    early: 'UT',
    false: 'UTAD',
    retest: 'TEST',
    sign: 'SOW',
    last: 'LPSY',
  },
} as const;

/** The part that an event plays in either schematic. */
export type Role = keyof (typeof CODES)[Side];

/** The event's name in Wyckoff's terms. */
export type WyckoffCode = (typeof CODES)[Side][Role];

export const codeOf = (side: Side, role: Role): WyckoffCode => CODES[side][role];

/** A distribution is an accumulation upside down: there prices are taken times −1, and back by the same. 0 − 0 is 0, not −0. */
export const facing = (side: Side, price: number): number => (side === 'accumulation' ? price : 0 - price);

/** The bar as an accumulation would see it. */
export const facingBar = (side: Side, bar: PriceBar): PriceBar =>
  side === 'accumulation'
    ? bar
    : {
        start: bar.start,
        open: 0 - bar.open,
        high: 0 - bar.low,
        low: 0 - bar.high,
        close: 0 - bar.close,
        volume: bar.volume,
      };
