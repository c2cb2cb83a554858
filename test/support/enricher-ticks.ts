import type { EnricherTick } from '../../src/domain/enrichment/tick-readings.ts';

const NINE = Date.UTC(2024, 0, 9, 9);

/** A quote `seconds` after nine. For tests. */
export const quoteTick = (seconds: number, bid: number, ask: number, volume = 0): EnricherTick => ({
  ts: NINE + seconds * 1_000,
  price: (bid + ask) / 2,
  bid,
  ask,
  volume,
  side: null,
});

/** A trade `seconds` after nine. For tests. */
export const tradeTick = (
  seconds: number,
  price: number,
  volume = 1,
  side: EnricherTick['side'] = null,
): EnricherTick => ({ ts: NINE + seconds * 1_000, price, bid: null, ask: null, volume, side });
