import { expect, test } from 'vitest';
import { quickClock } from '../../../test/support/quick-clock.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { readConfig } from '../config/config.ts';
import { instrumentsOf } from '../config/instruments.ts';
import { guidanceSources, type SourceNeeds } from './guidance-sources.ts';

const stored = (strategy: string, at: number, timestamp: unknown = at) => ({
  id: String(at),
  by: 'desk',
  at,
  payload: JSON.stringify({ strategy, timestamp }),
});
const sourcesOf = (more: Partial<SourceNeeds>) =>
  guidanceSources({
    trades: { recent: async () => [] },
    market: { analysis: () => reject('analysis.none'), bars: () => reject('symbol.unknown') },
    symbols: async () => [],
    instruments: instrumentsOf(readConfig('mcp2', { flags: {}, env: {}, file: null }).config.values),
    accountCurrency: null,
    clock: quickClock(30),
    ...more,
  });
const reject = (code: 'analysis.none' | 'symbol.unknown' | 'database.unavailable') =>
  Promise.reject(new PulseError(code, {}));

test('of the newest trades those of the strategy are its history, up to the limit', async () => {
  const asked: number[] = [];
  const recent = async (limit: number) => {
    asked.push(limit);
    return [stored('a', 4e12), stored('b', 3e12), stored('a', 2e12, 'no time'), stored('a', 1e12)];
  };
  const { earlier } = sourcesOf({ trades: { recent } });
  expect((await earlier('a', 2)).map(({ at }) => at)).toEqual([4e12, 2e12]);
  expect(await earlier('c', 2)).toEqual([]);
  expect(asked).toEqual([200, 200]);
});

test('a burst reads the newest trades twice at most, and what was stored before a request is in its answer', async () => {
  const trades = [stored('a', 1e12)];
  let reads = 0;
  const recent = async () => {
    reads += 1;
    const seen = [...trades];
    await new Promise((resolve) => setImmediate(resolve));
    return seen;
  };
  const { earlier } = sourcesOf({ trades: { recent } });
  const first = earlier('a', 9);
  trades.unshift(stored('a', 2e12));
  const rest = Array.from({ length: 50 }, () => earlier('a', 9));
  expect((await first).length).toBe(1);
  expect(new Set((await Promise.all(rest)).map(({ length }) => length))).toEqual(new Set([2]));
  expect(reads).toBe(2);
});

test('no analysis and no bars are null; an engine that is away is told', async () => {
  const none = sourcesOf({});
  expect([await none.analysis('EURUSD', '1m'), await none.close('EURUSD')]).toEqual([null, null]);
  const away = sourcesOf({
    market: { analysis: () => reject('database.unavailable'), bars: () => reject('database.unavailable') },
  });
  await expect(away.analysis('EURUSD', '1m')).rejects.toThrow(PulseError);
  await expect(away.close('EURUSD')).rejects.toThrow(PulseError);
});

test('an engine that does not answer counts as away', async () => {
  const silent = new Promise<never>(() => undefined);
  const { analysis, close, earlier } = sourcesOf({
    trades: { recent: () => silent },
    market: { analysis: () => silent, bars: () => silent },
  });
  const answers = await Promise.allSettled([analysis('EURUSD', '1m'), close('EURUSD'), earlier('a', 2)]);
  for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'engine.silent' } });
});

test('a rate is of bars from before the trade, the next best way where the best is stale, and refused where all are', async () => {
  const minute = 60_000;
  const now = Date.UTC(2024, 0, 9, 10);
  const at = now - 10 * minute;
  const ends: Record<string, readonly (readonly [minutesBeforeNow: number, price: number])[]> = {
    // 61 minutes before the trade, and after it.
    EURJPY: [
      [71, 150],
      [0, 170],
    ],
    USDJPY: [
      [12, 144],
      [9, 1],
    ],
    EURUSD: [
      [10, 1.1],
      [1, 9],
    ],
    US500: [[10, 4_760]],
  };
  const bars = async (symbol: string, count: number) => ({
    symbol,
    tf: '1m',
    source: 'redis',
    bars: ends[symbol]!.slice(-count).map(([before, c]) => {
      const ts = (now - (before + 1) * minute) / 1_000;
      return { ts, o: c, h: c, l: c, c, v: 1, n: 1 };
    }),
  });
  const { rate } = sourcesOf({
    market: { analysis: () => reject('analysis.none'), bars },
    symbols: async () => Object.keys(ends),
    clock: { ...quickClock(1), now: () => now },
  });
  expect(await rate('JPY', 'EUR', at)).toEqual({
    rate: expect.closeTo(1 / 144 / 1.1, 12),
    path: 'USDJPY inverted and EURUSD inverted',
    at: now - 12 * minute,
  });
  delete ends.USDJPY;
  expect(await rate('JPY', 'EUR', at)).toBe('stale');
  expect(await rate('CHF', 'EUR', at)).toBe('none');
  // Of longer ago nobody looks.
  expect(await rate('USD', 'EUR', now - 3 * 24 * 60 * minute)).toBe('later');
});
