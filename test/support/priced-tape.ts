import { readConfig } from '../../src/app/config/config.ts';
import { instrumentsOf } from '../../src/app/config/instruments.ts';
import { guidanceSources } from '../../src/app/wiring/guidance-sources.ts';
import type { ServedBar } from '../../src/domain/desk/market-answers.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { GuidanceSources } from '../../src/services/desk/guidance/inputs.ts';
import { quickClock } from './quick-clock.ts';
import { TRADE_TIME } from './trade-payloads.ts';

const MINUTE = 60_000;

/** A close of a symbol, and when its minute ended, in minutes from TRADE_TIME. */
export type TapeClose = readonly [symbol: string, price: number, minutes: number];

/** Ninety seconds after the trade of trade-payloads.ts. */
export const TAPE_NOW = TRADE_TIME + 90_000;

/** What guidance reads, over a tape of these closes, by the rules that an instance has: built-in ones and `instruments`. */
export function tapeSources(
  closes: readonly TapeClose[],
  flags: { readonly instruments?: unknown; readonly accountCurrency?: string } = {},
): GuidanceSources {
  const { values } = readConfig('mcp2', { flags, env: {}, file: null }).config;
  const bars = async (symbol: string, count: number) => {
    const found = closes.filter(([name]) => name === symbol).sort((a, b) => a[2] - b[2]);
    if (found.length === 0) throw new PulseError('symbol.unknown', { symbol, known: '' });
    return { symbol, tf: '1m', source: 'redis', bars: found.slice(-count).map(served) };
  };
  return guidanceSources({
    trades: { recent: async () => [] },
    market: { bars, analysis: () => Promise.reject(new PulseError('analysis.none', {})) },
    symbols: async () => [...new Set(closes.map(([symbol]) => symbol))],
    instruments: instrumentsOf(values),
    accountCurrency: values.accountCurrency,
    clock: { ...quickClock(1), now: () => TAPE_NOW },
  });
}

const served = ([, price, minutes]: TapeClose): ServedBar => ({
  ts: (TRADE_TIME + (minutes - 1) * MINUTE) / 1_000,
  o: price,
  h: price,
  l: price,
  c: price,
  v: 1,
  n: 1,
});
