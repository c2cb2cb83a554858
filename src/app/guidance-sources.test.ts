import { expect, test } from 'vitest';
import { quickClock } from '../../test/support/quick-clock.ts';
import { PulseError } from '../domain/errors.ts';
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
    calendar: () => 'fx',
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
